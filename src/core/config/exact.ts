// Holds a zod schema and a written type together: a key that only one of them has does not compile.

type Identity<T> = <Probe>() => Probe extends T ? 1 : 2;

type Deep<T> = unknown extends T ? T : T extends object ? { readonly [Key in keyof T]: Deep<T[Key]> } : T;

/** `true` when both types are the same but for `readonly`, else `false`: `const held: Same<…> = true`. */
export type Same<Left, Right> = Identity<Deep<Left>> extends Identity<Deep<Right>> ? true : false;
