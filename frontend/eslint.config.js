/** The strictest type-checked rules of typescript-eslint. Every exception has a reason. */
import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules/", "coverage/"] },
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { "react-hooks": reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      "max-lines": ["error", 400],
      "max-lines-per-function": ["error", 50],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }], // allowed in short callbacks
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }], // numbers have a clear text form
    },
  },
  {
    files: ["**/*.test.{ts,tsx}"],
    rules: { "max-lines-per-function": "off" }, // a describe block is not a function in this sense
  },
  {
    files: ["**/*.{js,mjs}"],
    languageOptions: { globals: { console: "readonly", process: "readonly", URL: "readonly" } },
  },
);
