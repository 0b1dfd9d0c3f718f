"""Results as pictures, pages and Markdown: what is drawn is what was measured, and each file is whole or absent."""
