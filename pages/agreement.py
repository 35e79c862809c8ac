"""The old address of the Importance methods page."""

if __name__ == "__main__":
    from ui import layout

    layout.redirect("pages/importance_methods.py")
