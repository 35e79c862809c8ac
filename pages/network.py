"""Network: what happens in the cells of the trained network, window by window and step by step."""


def main() -> None:
    """Draw the page."""
    from core.errors import CoreError
    from core.explain.gates import why_no_gates
    from core.models.kinds import MODELS
    from ui import layout, messages, verdict
    from ui.explain import cell as panels
    from ui.explain import reliability, selection, structure

    run = layout.open_run("Network")
    verdict.draw_chip(run)
    structure.draw(run)
    try:
        if MODELS[run.spec.model.kind].selects_inputs:
            selection.draw(run)
        if reason := why_no_gates(run.spec.model.kind):
            messages.info(reason)
            reliability.draw_line(run)
            return
        cell, layer = panels.choose(run)
    except CoreError as problem:
        messages.error(problem)
        return
    panels.draw_heat_maps(run, cell, layer)
    panels.draw_forgetting(run, cell, layer)
    panels.draw_steps(run, cell, layer)
    panels.draw_memory(run, cell.symbol)
    panels.draw_gradient_norms(run)
    reliability.draw_line(run)


if __name__ == "__main__":
    main()
