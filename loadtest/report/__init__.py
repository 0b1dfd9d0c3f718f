"""Results as pictures, pages and Markdown; each file is written whole or not at all."""
