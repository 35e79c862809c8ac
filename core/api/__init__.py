"""The public API in Python; `import core` offers its names."""
