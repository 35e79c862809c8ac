"""Train: what to forecast, from which features, with which model; then watch it learn."""


def main() -> None:
    """Draw the page."""
    import dataclasses

    import streamlit as st

    from core.data.frame import columns
    from core.datasets.windows import resolve
    from core.errors import CoreError
    from core.spec import with_values
    from ui import boxes, cache, layout, markdown, messages, session, widgets
    from ui.data import covariates
    from ui.jobs import training
    from ui.train import features as picker
    from ui.train import interrupted, lr_finder, model_size, preflight, recipe, result, settings

    layout.open_page("Train", "Choose what to forecast and how. You can leave this page while the model trains.")
    recipe.open_address()
    boxes.settle()
    recipe.draw_address()
    head = st.container(horizontal=True, vertical_alignment="center")
    with st.container():  # each part has its place: a box that moves would lose what is being typed into it
        covariates.settle()
    spec = session.recipe()
    st.markdown(f"Series: **{markdown.escape(', '.join(spec.data.symbols))}**")
    st.page_link("pages/data.py", label="Choose another series", icon=":material/database:")
    try:
        series = cache.frame(spec.data, session.upload())
        with st.container():
            target = widgets.choose_target(spec, columns(series))
        with st.container():
            features = picker.choose(spec, target, series)
        with st.container(border=True):
            values = settings.choose(spec, target)
            size = st.container()
            with st.container(horizontal=True):
                train = st.button("Train", type="primary", icon=":material/play_arrow:")
                search = st.button(
                    "Find a learning rate",
                    icon=":material/troubleshoot:",
                    help="Trains for a few seconds at rising rates; the best rate is where the loss falls fastest",
                )
            rates = st.container()
        values |= {f"target.{name}": value for name, value in dataclasses.asdict(target).items()}
        spec = with_values(spec, values | {"features": features})
        session.set_recipe(spec)  # neither leaving the page nor a reload must lose the choice
        recipe.write_address(spec, columns(series))
        spec = preflight.check_lookahead(spec, series)
        blocked = preflight.check_leakage(spec, series)  # mistakes show here, before a process starts
        size.markdown(model_size.describe(spec, series))
        with rates:
            lr_finder.draw(spec, series, search)
        if train and not blocked:
            training.start(spec, series, session.upload())
            st.rerun()
        full, digest = resolve(spec, series), cache.digest(series)
        sound = True
    except CoreError as problem:
        messages.error(problem)
        sound = False

    with head:
        recipe.draw_undo()
        if sound:
            recipe.draw_changes(full, digest)
    if sound:
        result.draw(full, digest)
    interrupted.draw()
    if sound:
        preflight.draw(spec, series)


if __name__ == "__main__":
    main()
