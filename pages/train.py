"""Train: what to forecast, from which features, with which model; then watch it learn."""


def main() -> None:
    """Draw the page."""
    import dataclasses

    import streamlit as st

    from core.data.frame import columns
    from core.datasets.windows import resolve
    from core.errors import CoreError
    from core.language import tr
    from core.spec import with_values
    from ui import boxes, cache, layout, markdown, messages, names, session, widgets
    from ui.data import covariates
    from ui.jobs import training
    from ui.train import bar, interrupted, lr_finder, model_size, preflight, recipe, result, settings
    from ui.train import features as picker

    layout.open_page("Train")
    recipe.open_address()
    boxes.settle()
    recipe.draw_address()
    start = bar.draw()
    with st.container():  # each part has its place: a box that moves would lose what is being typed into it
        covariates.settle()
    problems, changes = st.container(), st.container()
    form, picture = st.columns(2, gap="medium")
    below = st.container()
    spec, sound, shown = session.recipe(), False, False
    try:
        series = cache.frame(spec.data, session.upload())
        with form:
            with st.container(horizontal=True, vertical_alignment="center"):
                listed = markdown.escape(", ".join(spec.data.symbols))
                st.markdown(tr("Series: **{symbols}**", symbols=listed), width="content")
                st.page_link("pages/data.py", label=tr("Choose another series"), icon=":material/database:")
            cells = widgets.grid(6, 2)
            target = widgets.choose_target(spec, columns(series), cells[:3], names.step_of(series))
            rest = st.container()
        with below:
            features = picker.choose(spec, target, series)
            values = settings.choose(spec, target, cells[3:], rest)
            size, tools, checks = st.container(), st.container(), st.container()
        values |= {f"target.{name}": value for name, value in dataclasses.asdict(target).items()}
        spec = with_values(spec, values | {"features": features})
        session.set_recipe(spec)  # neither leaving the page nor a reload must lose the choice
        recipe.write_address(spec, columns(series))
        with checks:  # mistakes show here, before a process starts
            spec = preflight.check_lookahead(spec, series)
            blocked = preflight.check_leakage(spec, series)
        with size:
            model_size.draw(spec, series)
        with tools:
            lr_finder.draw(spec, series)
        full, digest = resolve(spec, series), cache.digest(series)
        training.check_quotas(full, series)
        sound = True
        if start.pressed and not blocked:
            training.start(spec, series, session.upload())
            st.rerun()
    except CoreError as problem:
        with problems:
            messages.error(problem)

    with start.undo:
        recipe.draw_undo()
    if sound:
        with changes:
            recipe.draw_changes(full, digest)
        with picture:
            shown = result.draw(full, digest)
        with start.words:
            bar.draw_words(spec, full, series)
    interrupted.draw()
    if sound:
        splits, histogram = st.columns([2, 1]) if shown else (picture, picture)
        preflight.draw(spec, series, splits, histogram)


if __name__ == "__main__":
    main()
