"""Writes the .pth files beside it with Python's own pickler and the layout of torch.save, but without PyTorch: python3 make.py"""
import io
import pickle
import struct
import sys
import types
import zipfile
from collections import OrderedDict

torch = types.ModuleType("torch")
utils = types.ModuleType("torch._utils")
sys.modules.update({"torch": torch, "torch._utils": utils})


def _rebuild_tensor_v2(*_):
    raise NotImplementedError


_rebuild_tensor_v2.__module__ = "torch._utils"
utils._rebuild_tensor_v2 = _rebuild_tensor_v2
for name in ("FloatStorage", "HalfStorage", "BFloat16Storage", "LongStorage", "IntStorage", "BoolStorage", "DoubleStorage"):
    setattr(torch, name, type(name, (), {"__module__": "torch"}))


class Storage:
    def __init__(self, kind, data, count):
        self.kind, self.data, self.count = kind, data, count


class Tensor:
    def __init__(self, storage, offset, size, stride):
        self.arguments = (storage, offset, size, stride, False, OrderedDict())

    def __reduce_ex__(self, protocol):
        return utils._rebuild_tensor_v2, self.arguments


def pack(kind, code, values):
    return Storage(getattr(torch, kind), struct.pack(f"<{len(values)}{code}", *values), len(values))


class Pickler(pickle.Pickler):
    def __init__(self, file, protocol):
        super().__init__(file, protocol=protocol)
        self.keys, self.storages = {}, []

    def persistent_id(self, value):
        if not isinstance(value, Storage):
            return None
        if id(value) not in self.keys:
            self.keys[id(value)] = str(len(self.storages))
            self.storages.append(value)
        return "storage", value.kind, self.keys[id(value)], "cpu", value.count


def save(path, value, protocol=2):
    content = io.BytesIO()
    pickler = Pickler(content, protocol)
    pickler.dump(value)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        def write(name, data):
            entry = zipfile.ZipInfo("archive/" + name)
            start = archive.fp.tell() + 30 + len(entry.filename)
            padding = -(start + 4) % 64  # torch.save aligns every entry to 64 bytes
            entry.extra = b"FB" + struct.pack("<H", padding) + b"Z" * padding
            archive.writestr(entry, data)

        write("data.pkl", content.getvalue())
        write("byteorder", b"little")
        for key, storage in enumerate(pickler.storages):
            write(f"data/{key}", storage.data)
        write("version", b"3\n")


def state():
    shared = pack("FloatStorage", "f", [float(i) for i in range(12)])
    weights = OrderedDict(
        whole=Tensor(shared, 0, (3, 4), (4, 1)),
        turned=Tensor(shared, 0, (4, 3), (1, 4)),
        inner=Tensor(shared, 5, (2, 2), (4, 1)),
        half=Tensor(pack("HalfStorage", "e", [1.5, -2.0]), 0, (2,), (1,)),
        brain=Tensor(pack("BFloat16Storage", "H", [0x3FC0, 0xC000]), 0, (2,), (1,)),
        count=Tensor(pack("LongStorage", "q", [-7]), 0, (), ()),
        small=Tensor(pack("IntStorage", "i", [1, 2, 3]), 0, (3,), (1,)),
        flags=Tensor(pack("BoolStorage", "?", [True, False]), 0, (2,), (1,)),
        double=Tensor(pack("DoubleStorage", "d", [0.1]), 0, (1,), (1,)),
        empty=Tensor(pack("FloatStorage", "f", []), 0, (0, 4), (4, 1)),
    )
    weights._metadata = OrderedDict({"": {"version": 1}})
    return weights


if __name__ == "__main__":
    save("plain.pth", state())
    save("wrapped.pth", {"epoch": 300, "rate": 1e-5, "name": "tiny", "model": state(), "best": None, "big": 2**40, "done": (True, False, [1, 2])})
    save("twice_wrapped_protocol4.pt", {"state_dict": {"model": state()}}, protocol=4)
