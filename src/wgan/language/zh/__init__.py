"""Chinese: a text for each English one, by subject.

Terms are those of Chinese courses: the critic is 判别器, as the discriminator is. Latin words and numbers have a space
around them, sentences full-width punctuation; settings, codes and files stay as they are typed.
"""

from wgan.language.zh.course import COURSE
from wgan.language.zh.panels import PANELS
from wgan.language.zh.parts import PARTS
from wgan.language.zh.report import REPORT
from wgan.language.zh.settings import SETTINGS
from wgan.language.zh.share import SHARE
from wgan.language.zh.sweeps import SWEEPS
from wgan.language.zh.verdicts import VERDICTS

MESSAGES: dict[str, str] = PARTS | SETTINGS | COURSE | VERDICTS | REPORT | PANELS | SHARE | SWEEPS
"""The English text, and the Chinese one with the same values in it."""
