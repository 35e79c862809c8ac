"""Glossary: the words of the screen, each in one or two plain sentences, with a search box."""


def main() -> None:
    """Draw the page."""
    import streamlit as st

    from core.language import mark, tr
    from ui import glossary, layout, markdown, messages

    layout.open_page("Glossary", mark("The words of this product, each in one or two plain sentences."))
    words = st.text_input(
        tr("Search the glossary"),
        key="glossary-search",
        type="search",
        live=True,
        icon=":material/search:",
        placeholder=tr("p-value, interval, lag …"),
        bind="query-params",
    )
    terms = glossary.search(words)
    if not terms:
        messages.info(tr("No word matches {words}. Try a shorter one.", words=repr(words)))
        return
    for term in terms:
        others = tr("Also: {words}", words=markdown.escape(", ".join(term.also)))
        also = f" :gray[{others}]" if term.also else ""
        name, meaning = tr(term.name), tr(term.text)
        st.markdown(f"**{markdown.escape(name[:1].upper() + name[1:])}**{also}  \n{markdown.escape(meaning)}")


if __name__ == "__main__":
    main()
