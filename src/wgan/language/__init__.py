"""What people read, in English or Chinese."""

from wgan.language.speak import LANGUAGES, Language, language, marked, preferred, say, set_language, told, using
