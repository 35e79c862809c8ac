"""The old address of the Experiments page."""

if __name__ == "__main__":
    from ui import layout

    layout.redirect("pages/experiments.py")
