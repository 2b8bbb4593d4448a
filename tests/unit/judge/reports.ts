// Reports as real tools wrote them over one small project, without what no reader looks at.

/** coverage.py 7.16.2. */
export const LCOV_PYTHON = `SF:src/__init__.py
end_of_record
SF:src/cli/__init__.py
end_of_record
SF:src/cli/main.py
DA:1,1
DA:4,1
DA:5,1
DA:8,1
DA:9,0
LF:5
LH:4
FN:4,5,twice
FNDA:1,twice
FN:8,9,never
FNDA:0,never
FNF:2
FNH:1
end_of_record
SF:src/core/__init__.py
end_of_record
SF:src/core/sign.py
DA:1,1
DA:2,1
DA:3,0
DA:4,1
LF:4
LH:3
FN:1,4,sign
FNDA:1,sign
FNF:1
FNH:1
BRDA:2,0,jump to line 3,0
BRDA:2,0,jump to line 4,1
BRF:2
BRH:1
end_of_record
`;

/** vitest 5.1.0 with coverage-v8. */
export const LCOV_VITEST = `TN:
SF:src/twice.js
FN:1,(anonymous_0)
FNF:1
FNH:1
FNDA:1,(anonymous_0)
DA:1,1
LF:1
LH:1
BRF:0
BRH:0
end_of_record
TN:
SF:src/core/sign.js
FN:1,sign
FNF:1
FNH:1
FNDA:1,sign
DA:2,1
DA:3,0
DA:5,1
LF:3
LH:2
BRDA:2,0,0,0
BRDA:2,0,1,1
BRF:2
BRH:1
end_of_record
`;

/** coverage.py 7.16.2. */
export const COBERTURA_PYTHON = `<?xml version="1.0" ?>
<coverage version="7.16.2" timestamp="1795893911070" lines-valid="9" lines-covered="7" line-rate="0.7778" branches-valid="2" branches-covered="1" branch-rate="0.5" complexity="0">
	<sources>
		<source>/tmp/my-parser/src</source>
	</sources>
	<packages>
		<package name="." line-rate="1" branch-rate="1" complexity="0">
			<classes>
				<class name="__init__.py" filename="__init__.py" complexity="0" line-rate="1" branch-rate="1">
					<methods/>
					<lines/>
				</class>
			</classes>
		</package>
		<package name="cli" line-rate="0.8" branch-rate="1" complexity="0">
			<classes>
				<class name="__init__.py" filename="cli/__init__.py" complexity="0" line-rate="1" branch-rate="1">
					<methods/>
					<lines/>
				</class>
				<class name="main.py" filename="cli/main.py" complexity="0" line-rate="0.8" branch-rate="1">
					<methods/>
					<lines>
						<line number="1" hits="1"/>
						<line number="4" hits="1"/>
						<line number="5" hits="1"/>
						<line number="8" hits="1"/>
						<line number="9" hits="0"/>
					</lines>
				</class>
			</classes>
		</package>
		<package name="core" line-rate="0.75" branch-rate="0.5" complexity="0">
			<classes>
				<class name="__init__.py" filename="core/__init__.py" complexity="0" line-rate="1" branch-rate="1">
					<methods/>
					<lines/>
				</class>
				<class name="sign.py" filename="core/sign.py" complexity="0" line-rate="0.75" branch-rate="0.5">
					<methods/>
					<lines>
						<line number="1" hits="1"/>
						<line number="2" hits="1" branch="true" condition-coverage="50% (1/2)" missing-branches="3"/>
						<line number="3" hits="0"/>
						<line number="4" hits="1"/>
					</lines>
				</class>
			</classes>
		</package>
	</packages>
</coverage>
`;

/** vitest 5.1.0 with coverage-v8. */
export const COBERTURA_ISTANBUL = `<?xml version="1.0" ?>
<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
<coverage lines-valid="4" lines-covered="3" line-rate="0.75" branches-valid="2" branches-covered="1" branch-rate="0.5" timestamp="1795893914277" complexity="0" version="0.1">
  <sources>
    <source>/tmp/my-parser</source>
  </sources>
  <packages>
    <package name="src" line-rate="1" branch-rate="1">
      <classes>
        <class name="twice.js" filename="src/twice.js" line-rate="1" branch-rate="1">
          <methods>
            <method name="(anonymous_0)" hits="1" signature="()V">
              <lines>
                <line number="1" hits="1"/>
              </lines>
            </method>
          </methods>
          <lines>
            <line number="1" hits="1" branch="false"/>
          </lines>
        </class>
      </classes>
    </package>
    <package name="src.core" line-rate="0.6666" branch-rate="0.5">
      <classes>
        <class name="sign.js" filename="src/core/sign.js" line-rate="0.6666" branch-rate="0.5">
          <methods>
            <method name="sign" hits="1" signature="()V">
              <lines>
                <line number="1" hits="1"/>
              </lines>
            </method>
          </methods>
          <lines>
            <line number="2" hits="1" branch="true" condition-coverage="50% (1/2)"/>
            <line number="3" hits="0" branch="false"/>
            <line number="5" hits="1" branch="false"/>
          </lines>
        </class>
      </classes>
    </package>
  </packages>
</coverage>
`;

/** coverage.py 7.16.2, told to measure `src/a` and `src/b`. */
export const COBERTURA_SOURCES = `<?xml version="1.0" ?>
<coverage version="7.16.2" timestamp="1795908028360" lines-valid="6" lines-covered="2" line-rate="0.3333" branches-covered="0" branches-valid="0" branch-rate="0" complexity="0">
	<sources>
		<source>/tmp/my-parser/src/a</source>
		<source>/tmp/my-parser/src/b</source>
	</sources>
	<packages>
		<package name="." line-rate="0.3333" branch-rate="0" complexity="0">
			<classes>
				<class name="x.py" filename="x.py" complexity="0" line-rate="1" branch-rate="0">
					<methods/>
					<lines>
						<line number="1" hits="1"/>
						<line number="2" hits="1"/>
					</lines>
				</class>
				<class name="y.py" filename="y.py" complexity="0" line-rate="0" branch-rate="0">
					<methods/>
					<lines>
						<line number="1" hits="0"/>
						<line number="2" hits="0"/>
						<line number="5" hits="0"/>
						<line number="6" hits="0"/>
					</lines>
				</class>
			</classes>
		</package>
	</packages>
</coverage>
`;

/** ruff 0.16.9. */
export const SARIF_RUFF = `{
 "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
 "runs": [
  {
   "results": [
    {
     "level": "error",
     "locations": [
      {
       "physicalLocation": {
        "artifactLocation": {
         "uri": "file:///tmp/my-parser/src/core/bad.py"
        },
        "region": {
         "endColumn": 10,
         "endLine": 2,
         "startColumn": 1,
         "startLine": 1
        }
       }
      }
     ],
     "message": {
      "text": "Import block is un-sorted or un-formatted"
     },
     "ruleId": "I001"
    },
    {
     "level": "error",
     "locations": [
      {
       "physicalLocation": {
        "artifactLocation": {
         "uri": "file:///tmp/my-parser/src/core/bad.py"
        },
        "region": {
         "endColumn": 11,
         "endLine": 1,
         "startColumn": 8,
         "startLine": 1
        }
       }
      }
     ],
     "message": {
      "text": "\`sys\` imported but unused"
     },
     "ruleId": "F401"
    },
    {
     "level": "error",
     "locations": [
      {
       "physicalLocation": {
        "artifactLocation": {
         "uri": "file:///tmp/my-parser/src/core/bad.py"
        },
        "region": {
         "endColumn": 10,
         "endLine": 2,
         "startColumn": 8,
         "startLine": 2
        }
       }
      }
     ],
     "message": {
      "text": "\`os\` imported but unused"
     },
     "ruleId": "F401"
    },
    {
     "level": "error",
     "locations": [
      {
       "physicalLocation": {
        "artifactLocation": {
         "uri": "file:///tmp/my-parser/src/core/bad.py"
        },
        "region": {
         "endColumn": 14,
         "endLine": 3,
         "startColumn": 5,
         "startLine": 3
        }
       }
      }
     ],
     "message": {
      "text": "Undefined name \`undefined\`"
     },
     "ruleId": "F821"
    }
   ],
   "tool": {
    "driver": {
     "informationUri": "https://github.com/astral-sh/ruff",
     "name": "ruff",
     "rules": [
      {
       "id": "F401",
       "shortDescription": {
        "text": "\`{name}\` imported but unused; consider using \`importlib.util.find_spec\` to test for availability"
       }
      },
      {
       "id": "F821",
       "shortDescription": {
        "text": "Undefined name \`{name}\`. {tip}"
       }
      },
      {
       "id": "I001",
       "shortDescription": {
        "text": "Import block is un-sorted or un-formatted"
       }
      }
     ],
     "version": "0.16.9"
    }
   }
  }
 ],
 "version": "2.1.0"
}
`;

/** Made by hand in the shape of codeql-action: the rules stand in an extension of the tool, and a result has no level of its own. */
export const SARIF_CODEQL = `{
 "version": "2.1.0",
 "runs": [
  {
   "tool": {
    "driver": {
     "name": "CodeQL",
     "rules": []
    },
    "extensions": [
     {
      "name": "codeql/javascript-queries",
      "rules": [
       {
        "id": "js/unused-local-variable",
        "defaultConfiguration": {
         "enabled": true,
         "level": "warning"
        }
       },
       {
        "id": "js/code-injection",
        "defaultConfiguration": {
         "enabled": true,
         "level": "error"
        }
       }
      ]
     }
    ]
   },
   "results": [
    {
     "ruleId": "js/code-injection",
     "rule": {
      "id": "js/code-injection",
      "index": 1,
      "toolComponent": {
       "index": 0
      }
     },
     "message": {
      "text": "This code execution depends on a user-provided value."
     }
    },
    {
     "ruleId": "js/unused-local-variable",
     "rule": {
      "id": "js/unused-local-variable",
      "index": 0,
      "toolComponent": {
       "index": 0
      }
     },
     "message": {
      "text": "Unused variable x."
     }
    }
   ]
  }
 ]
}
`;
