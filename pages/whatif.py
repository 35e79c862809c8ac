"""The old address of the Scenario page."""

if __name__ == "__main__":
    from ui import layout

    layout.redirect("pages/scenario.py")
