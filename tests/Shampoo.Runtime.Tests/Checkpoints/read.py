"""Reads and checks a safetensors file as the format's specification says, prints it as JSON, and writes it anew.

Usage: read.py INPUT OUTPUT. Standard library only.
"""
import json
import struct
import sys

SIZES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}


def refuse_duplicates(pairs):
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), "duplicate keys"
    return dict(pairs)


content = open(sys.argv[1], "rb").read()
(length,) = struct.unpack("<Q", content[:8])
assert length <= 100_000_000 and 8 + length <= len(content)
text = content[8:8 + length].decode("utf-8")
assert text.startswith("{")
header = json.loads(text, object_pairs_hook=refuse_duplicates)
metadata = header.pop("__metadata__", {})
assert all(isinstance(value, str) for value in metadata.values())
data = content[8 + length:]

end = 0
for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
    begin, stop = entry["data_offsets"]
    count = 1
    for size in entry["shape"]:
        count *= size
    assert begin == end and stop - begin == count * SIZES[entry["dtype"]], name
    end = stop
assert end == len(data)

print(json.dumps({
    "aligned": (8 + length) % 8 == 0,
    "metadata": metadata,
    "tensors": {name: {"dtype": e["dtype"], "shape": e["shape"], "hex": data[e["data_offsets"][0]:e["data_offsets"][1]].hex()} for name, e in header.items()},
}))

# Another order, another spacing and no padding: all of that is allowed.
offset, entries, pieces = 0, {}, []
for name in sorted(header, reverse=True):
    begin, stop = header[name]["data_offsets"]
    pieces.append(data[begin:stop])
    entries[name] = {"shape": header[name]["shape"], "data_offsets": [offset, offset + stop - begin], "dtype": header[name]["dtype"]}
    offset += stop - begin
text = json.dumps({**entries, "__metadata__": metadata}).encode()
with open(sys.argv[2], "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + b"".join(pieces))
