"""What of a PDF belongs to the look of its pages (ISO 32000-2): keys and operators."""

from __future__ import annotations

CATEGORIES = ("/ColorSpace", "/ExtGState", "/Font", "/Pattern", "/Shading", "/XObject")

# Of fonts, images, forms, patterns, shadings, functions, graphics states, groups. Not here:
# Metadata, PieceInfo, LastModified, StructParent, OC, OPI, Alternates, Ref, AF, Measure, ID.
KEPT = frozenset({
    "/Type", "/Subtype", "/BaseFont", "/Name", "/FirstChar", "/LastChar", "/Widths",
    "/FontDescriptor", "/Encoding", "/ToUnicode", "/DescendantFonts", "/CIDSystemInfo",
    "/Registry", "/Ordering", "/Supplement", "/DW", "/W", "/DW2", "/W2", "/CIDToGIDMap",
    "/FontBBox", "/FontMatrix", "/CharProcs", "/FontName", "/FontFamily", "/FontStretch",
    "/FontWeight", "/Flags", "/ItalicAngle", "/Ascent", "/Descent", "/Leading", "/CapHeight",
    "/XHeight", "/StemV", "/StemH", "/AvgWidth", "/MaxWidth", "/MissingWidth", "/FontFile",
    "/FontFile2", "/FontFile3", "/CharSet", "/CIDSet", "/Length1", "/Length2", "/Length3",
    "/Differences", "/BaseEncoding", "/CMapName", "/WMode", "/UseCMap", "/Style", "/Panose",
    "/Width", "/Height", "/ColorSpace", "/BitsPerComponent", "/ImageMask", "/Mask", "/SMask",
    "/Decode", "/Interpolate", "/Intent", "/Filter", "/DecodeParms", "/Matte", "/SMaskInData",
    "/K", "/EndOfLine", "/EncodedByteAlign", "/Columns", "/Rows", "/EndOfBlock", "/BlackIs1",
    "/DamagedRowsBeforeError", "/JBIG2Globals", "/ColorTransform", "/Predictor", "/Colors",
    "/EarlyChange", "/BBox", "/Matrix", "/Group", "/FormType", "/S", "/CS", "/I", "/LW", "/LC",
    "/LJ", "/ML", "/D", "/RI", "/OP", "/op", "/OPM", "/Font", "/BG", "/BG2", "/UCR", "/UCR2",
    "/TR", "/TR2", "/HT", "/FL", "/SM", "/SA", "/BM", "/CA", "/ca", "/AIS", "/TK", "/G", "/BC",
    "/PatternType", "/PaintType", "/TilingType", "/XStep", "/YStep", "/ShadingType", "/Shading",
    "/ExtGState", "/Background", "/AntiAlias", "/Domain", "/Function", "/Coords", "/Extend",
    "/BitsPerCoordinate", "/BitsPerFlag", "/VerticesPerRow", "/FunctionType", "/Range", "/Size",
    "/BitsPerSample", "/Order", "/Encode", "/C0", "/C1", "/N", "/Functions", "/Bounds",
    "/WhitePoint", "/BlackPoint", "/Gamma", "/Colorants", "/Process", "/Components",
    "/MixingHints", "/HalftoneType", "/Frequency", "/Angle", "/SpotFunction", "/AccurateScreens",
    "/TransferFunction", "/Xsquare", "/Ysquare", "/Width2", "/Height2", "/HalftoneName",
})  # fmt: skip

# Of these, those that are strings.
STRINGS = ("/Registry", "/Ordering", "/CharSet")

# How many operands each operator takes; None: any number of numbers and names.
COUNTS: dict[bytes, int | None] = {
    **dict.fromkeys((b"q", b"Q", b"h", b"S", b"s", b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"), 0),
    **dict.fromkeys((b"n", b"W", b"W*", b"BT", b"ET", b"T*"), 0),
    **dict.fromkeys((b"w", b"J", b"j", b"M", b"ri", b"i", b"gs", b"Tc", b"Tw", b"Tz", b"TL"), 1),
    **dict.fromkeys((b"Tr", b"Ts", b"Tj", b"TJ", b"'", b"CS", b"cs", b"G", b"g", b"sh", b"Do"), 1),
    **dict.fromkeys((b"d", b"m", b"l", b"Tf", b"Td", b"TD", b"d0"), 2),
    **dict.fromkeys((b'"', b"RG", b"rg"), 3),
    **dict.fromkeys((b"v", b"y", b"re", b"K", b"k"), 4),
    **dict.fromkeys((b"cm", b"c", b"Tm", b"d1"), 6),
    **dict.fromkeys((b"SC", b"SCN", b"sc", b"scn"), None),
}

NAMED_BY = {
    b"Do": "/XObject",
    b"Tf": "/Font",
    b"gs": "/ExtGState",
    b"CS": "/ColorSpace",
    b"cs": "/ColorSpace",
    b"sh": "/Shading",
    b"SCN": "/Pattern",
    b"scn": "/Pattern",
}

# Operators that paint; True where a path has to be ended instead.
PAINTS: dict[bytes, bool] = {
    **dict.fromkeys((b"Tj", b"TJ", b"'", b'"', b"Do", b"sh", b"INLINE IMAGE"), False),
    **dict.fromkeys((b"S", b"s", b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"), True),
}
