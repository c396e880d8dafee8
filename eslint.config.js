import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  globalIgnores(["artifacts/", "bench/node_modules/", "cache/", "coverage/", "dist/", "out/", "typechain-types/"]),
  js.configs.recommended,
  {
    files: ["**/*.ts", "**/*.mts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      eqeqeq: "error",
      // Prettier breaks lines where this rule does not want it.
      "no-unexpected-multiline": "off",
      "no-restricted-properties": [
        "error",
        { object: "network", property: "connect", message: "Use network.create()." },
        { object: "describe", property: "only", message: "Runs a part of the tests alone." },
        { object: "describe", property: "skip", message: "Skips tests." },
        { object: "it", property: "only", message: "Runs a part of the tests alone." },
        { object: "it", property: "skip", message: "Skips tests." },
      ],
    },
  },
  {
    files: ["**/*.js", "**/*.mjs"],
    languageOptions: { globals: { console: "readonly", process: "readonly" } },
  },
  {
    // What an Ignition module or a fixture returns is a table of contracts, best left to inference.
    files: ["ignition/**/*.ts", "test/**/*.ts"],
    rules: { "@typescript-eslint/explicit-module-boundary-types": "off" },
  },
  {
    // chai's assertions are expressions, and a test may rely on what its fixture made: if it is not there, it fails.
    files: ["test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unused-expressions": "off",
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/unbound-method": "off",
    },
  },
);
