"""Korean particles, whose form depends on the last sound of the word before: 모형은, 기준은; LSTM은, GARCH는.

Hangul shows its final consonant. Latin letters and digits are judged by how Koreans read them: capitals letter by
letter (LSTM 엘에스티엠), other words by their ending as the usual transcription has it (Ridge 리지), numbers in
Sino-Korean (10 십).
"""

import re

PARTICLES = {  # after a consonant, after a vowel
    "은": ("은", "는"),
    "이": ("이", "가"),
    "을": ("을", "를"),
    "과": ("과", "와"),
    "으로": ("으로", "로"),
    "이라": ("이라", "라"),
    "이나": ("이나", "나"),
}
RIEUL = "ㄹ"  # after it 으로 loses its vowel, as after a vowel
DIGITS = dict(zip("0123456789", ("ㅇ", RIEUL, "", "ㅁ", "", "", "ㄱ", RIEUL, RIEUL, ""), strict=True))
LETTERS = {"L": RIEUL, "M": "ㅁ", "N": "ㄴ", "R": RIEUL}  # the names of the others end in vowels
SIGNS = {"%": "", "‰": RIEUL, "²": "ㅂ"}  # 퍼센트, 퍼밀, 제곱
# Endings of Latin words with the consonant in which their transcription ends, the first that fits.
ENDINGS = (
    (r"(le|l)", RIEUL),
    (r"(me|m)", "ㅁ"),
    (r"(ne|n|ng)", "ㄴ"),
    (r"(?<![aeiou])[aeiou](ck|c|k)|ook", "ㄱ"),
    (r"(?<![aeiou])[aeiou]p", "ㅂ"),
    (r"(?<![aeiou])[aeiou]t", "ㅅ"),
)

ASIDE = re.compile(r"\s*\([^()]*\)\W*$")  # is not heard by the particle: LSTM(12)은


def attach(word: str, particle: str) -> str:
    """`word` with the form of `particle`, a key of PARTICLES, that its last sound asks for."""
    after_consonant, after_vowel = PARTICLES[particle]
    final = final_consonant(word)
    vowel_like = not final or (particle == "으로" and final == RIEUL)
    return word + (after_vowel if vowel_like else after_consonant)


def final_consonant(word: str) -> str:
    """A consonant in which `word` ends as it is read in Korean (ㄹ exactly where it is ㄹ); empty after a vowel."""
    sounded = re.search(r"([\w%‰²]+)[^\w%‰²]*$", ASIDE.sub("", word) or word)
    if sounded is None:
        return ""
    last, text = sounded[1][-1], sounded[1]
    if "가" <= last <= "힣":
        number = (ord(last) - ord("가")) % 28
        return "" if number == 0 else RIEUL if number == 8 else "ㅁ"
    if last in SIGNS:
        return SIGNS[last]
    if last.isdigit():
        return DIGITS.get(last, "")
    return _of_latin(re.search(r"[A-Za-z]*$", text)[0])  # type: ignore[index]  # it may be empty, but matches


def _of_latin(word: str) -> str:
    if len(word) < 2 or word[-2:].isupper():
        return LETTERS.get(word[-1:].upper(), "")
    for ending, consonant in ENDINGS:
        if re.search(f"(?:{ending})$", word.lower()):
            return consonant
    return ""
