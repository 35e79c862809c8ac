"""The old address of the Backtest page."""

if __name__ == "__main__":
    from ui import layout

    layout.redirect("pages/backtest.py")
