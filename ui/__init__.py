"""What the pages share on the screen; the only shared code that imports streamlit."""
