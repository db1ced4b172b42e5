"""From the picture of a page to its text: engines behind one function, `recognize`.

```python
from datapartnerships.ocr import Ocr, recognize

page = recognize(image, Ocr(languages=("is",)))  # a PIL image or a numpy array
page.text, page.engine, page.confidence
```
"""

from __future__ import annotations

from datapartnerships.ocr._crew import recognize_pages
from datapartnerships.ocr._recognize import recognize
from datapartnerships.ocr._values import Line, Ocr, Recognized, Word

__all__ = ["Line", "Ocr", "Recognized", "Word", "recognize", "recognize_pages"]
