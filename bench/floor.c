/* The floors: a program that starts processes and does nothing else, a printer, a simulation, and the stopwatch for all contestants. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void fail(const char *what) {
  perror(what);
  exit(125);
}

static pid_t start(char *const argv[], posix_spawn_file_actions_t *actions) {
  pid_t pid;
  int error = posix_spawnp(&pid, argv[0], actions, NULL, argv, environ);
  if (error != 0) {
    errno = error;
    fail(argv[0]);
  }
  return pid;
}

/* many N JOBS cmd…: N runs of a command, JOBS at once. */
static int many(int count, int jobs, char *const argv[]) {
  int running = 0;
  for (int started = 0; started < count || running > 0;) {
    if (started < count && running < jobs) {
      start(argv, NULL);
      started += 1;
      running += 1;
      continue;
    }
    if (wait(NULL) < 0) fail("wait");
    running -= 1;
  }
  return 0;
}

/* print BYTES: lines of 64 characters, written in blocks of 64 KiB. */
static int print(long long bytes) {
  static char block[65536];
  for (size_t i = 0; i < sizeof block; i += 1) block[i] = i % 64 == 63 ? '\n' : 'a' + (char)(i % 26);
  while (bytes > 0) {
    ssize_t wrote = write(1, block, bytes < (long long)sizeof block ? (size_t)bytes : sizeof block);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) fail("write");
    bytes -= wrote;
  }
  return 0;
}

/* simulate SEED COUNT: each is 2 ms of work and says its value in a line of JSON. */
static int simulate(long seed, long count) {
  for (long at = seed; at < seed + count; at += 1) {
    struct timespec from, now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    while ((now.tv_sec - from.tv_sec) * 1000000000LL + now.tv_nsec - from.tv_nsec < 2000000);
    printf("{\"seed\":%ld,\"edge\":%ld}\n", at, 300 + at % 7);
    fflush(stdout);
  }
  return 0;
}

/* answer: a worker, told a seed a line. */
static int answer(void) {
  char line[64];
  long seed;
  while (fgets(line, sizeof line, stdin) != NULL)
    if (sscanf(line, "{\"seed\":%ld}", &seed) == 1) simulate(seed, 1);
  return 0;
}

/* measure OUT cmd…: one run; OUT gets nanoseconds, microseconds of CPU, kilobytes at most resident, exit code. */
static int measure(const char *out, char *const argv[]) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  struct timespec from, to;
  struct rusage used;
  int status;
  clock_gettime(CLOCK_MONOTONIC, &from);
  pid_t pid = start(argv, &actions);
  if (wait4(pid, &status, 0, &used) < 0) fail("wait4");
  clock_gettime(CLOCK_MONOTONIC, &to);
  FILE *file = fopen(out, "w");
  if (file == NULL) fail(out);
  long long ns = (to.tv_sec - from.tv_sec) * 1000000000LL + (to.tv_nsec - from.tv_nsec);
  long long cpu = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000LL + used.ru_utime.tv_usec + used.ru_stime.tv_usec;
  fprintf(file, "%lld %lld %ld %d\n", ns, cpu, used.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128);
  return fclose(file);
}

int main(int argc, char *argv[]) {
  if (argc >= 5 && strcmp(argv[1], "many") == 0) return many(atoi(argv[2]), atoi(argv[3]), argv + 4);
  if (argc >= 6 && strcmp(argv[1], "layers") == 0) {
    for (int layer = 0; layer < atoi(argv[2]); layer += 1) many(atoi(argv[3]), atoi(argv[4]), argv + 5);
    return 0;
  }
  if (argc == 3 && strcmp(argv[1], "print") == 0) return print(atoll(argv[2]));
  if (argc == 4 && strcmp(argv[1], "simulate") == 0) return simulate(atol(argv[2]), atol(argv[3]));
  if (argc == 2 && strcmp(argv[1], "answer") == 0) return answer();
  if (argc >= 4 && strcmp(argv[1], "measure") == 0) return measure(argv[2], argv + 3);
  fprintf(stderr, "floor many N JOBS cmd | layers N WIDTH JOBS cmd | print BYTES | simulate SEED COUNT | answer | measure OUT cmd\n");
  return 125;
}
