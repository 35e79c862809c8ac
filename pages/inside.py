"""The old address of the Network page."""

if __name__ == "__main__":
    from ui import layout

    layout.redirect("pages/network.py")
