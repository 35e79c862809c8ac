"""The words beside a spinner of `st.cache_data` and `st.cache_resource`, which are handed over at import."""

from core.language import tr


class Spoken(str):
    """A sentence, marked for translation, that is said in the language of whoever waits: Streamlit asks for its text
    when it draws the spinner."""

    def __str__(self) -> str:
        return tr(str.__str__(self))
