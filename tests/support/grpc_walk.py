"""Goes through what reflection finds: every method, every place of its request, a request with one
value put there. Import it after venv.enter()."""

import grpc
from google.api import field_behavior_pb2
from google.protobuf import message_factory
from google.protobuf.descriptor import FieldDescriptor as Field

from support import suite
from support.grpc_client import details

# Checked as a whole.
WHOLE = {"google.type.Date", "google.type.Money", "google.protobuf.Timestamp",
         "google.protobuf.FieldMask", "google.protobuf.Any"}


def methods(client):
    """Of the suite's own services."""
    out = []
    for name in sorted(client.reflection.get_services()):
        if name.startswith("spm."):
            out += client.pool.FindServiceByName(name).methods
    return out


def behaves(field, behavior):
    return behavior in field.GetOptions().Extensions[field_behavior_pb2.field_behavior]


def places(message, above=()):
    """Each field that a caller may set, as the tuple of fields that leads to it."""
    for field in message.fields:
        if behaves(field, field_behavior_pb2.OUTPUT_ONLY) or field in above:
            continue
        below = field.message_type
        if below is None or below.full_name in WHOLE:
            yield (*above, field)
        elif len(above) < 4:
            yield from places(below, (*above, field))


class Case:
    """A request of a method with `value` at a place; everything else is empty."""

    def __init__(self, method, place, value, swap=None):
        self.method, self.place, self.swap, self.reply = method, place, swap, None
        self.request = message_factory.GetMessageClass(method.input_type)()
        self.path = self.whole = ""
        if place is not None:
            self._put(value)

    # Rows of a batch are judged one by one, in the answer.
    def _rows(self):
        first = self.place[0] if self.place else None
        return (first is not None and first.name in ("rows", "leads") and len(self.place) > 1
                and "results" in self.method.output_type.fields_by_name)

    def _put(self, value):
        at, names = self.request, []
        for field in self.place[:-1]:
            if field.label == Field.LABEL_REPEATED:
                names.append(field.name + "[0]")
                at = getattr(at, field.name).add()
            else:
                names.append(field.name)
                at = getattr(at, field.name)
                at.SetInParent()
        last = self.place[-1]
        repeated = last.label == Field.LABEL_REPEATED
        names.append(last.name + ("[0]" if repeated else ""))
        if last.message_type is not None:
            part = getattr(at, last.name)
            part = part.add() if repeated else part
            part.SetInParent()
            for name, one in value.items():
                setattr(part, name, one)
        elif repeated:
            getattr(at, last.name).append(value)
        else:
            setattr(at, last.name, value)
        self.whole = ".".join(names)
        # A row's own answer begins below it.
        self.path = ".".join(names[1:] if self._rows() else names)
        if self._rows() and "source" in self.method.input_type.fields_by_name:
            self.request.source = "walk"
        if self._rows():
            self.request.request_id = suite.new_id()

    def fill(self, known):
        """Puts something right into what is required, so that one fault is left."""
        self._fill(self.request, known, self.place[:-1] if self.place else ())
        if "service" in self.method.input_type.fields_by_name and not self.request.service:
            self.request.service = known["service"]
        if "update_mask" in self.method.input_type.fields_by_name and len(self.place) == 1:
            self.request.update_mask.paths.append("name")

    def _fill(self, message, known, along):
        for field in message.DESCRIPTOR.fields:
            here = bool(along) and field == along[0]
            if field.message_type is not None and here:
                below = getattr(message, field.name)
                self._fill(below[0] if field.label == Field.LABEL_REPEATED else below, known,
                           along[1:])
                continue
            if behaves(field, field_behavior_pb2.OUTPUT_ONLY) or not (
                    behaves(field, field_behavior_pb2.REQUIRED) or field.name == "year"):
                continue
            self._fill_one(message, field, known)

    def _fill_one(self, message, field, known):
        if field.label == Field.LABEL_REPEATED:
            if field.type == Field.TYPE_STRING and not len(getattr(message, field.name)):
                getattr(message, field.name).append("won")
        elif field.message_type is not None:
            if message.HasField(field.name):
                return
            below = getattr(message, field.name)
            below.SetInParent()
            if field.message_type.full_name == "google.type.Date":
                below.year, below.month, below.day = 2026, 1, 2
            else:
                self._fill(below, known, ())
        elif field.type == Field.TYPE_STRING:
            if getattr(message, field.name) == "":
                noun = field.name.removesuffix("_id").rsplit("_", 1)[-1]
                value = suite.new_id() if field.name == "request_id" else known.get(noun, "x")
                setattr(message, field.name, value)
        elif field.type == Field.TYPE_ENUM:
            setattr(message, field.name, 1)
        elif field.type in (Field.TYPE_INT32, Field.TYPE_INT64):
            setattr(message, field.name, 2026)

    def scramble(self, rng):
        """Random values in random places."""
        if "request_id" in self.method.input_type.fields_by_name:
            self.request.request_id = suite.new_id()
        found = list(places(self.method.input_type))
        for place in rng.sample(found, min(len(found), rng.randrange(1, 6))):
            at = self.request
            for field in place[:-1]:
                at = getattr(at, field.name)
                at = at.add() if field.label == Field.LABEL_REPEATED else at
            scramble_one(at, place[-1], rng)

    def send(self, client):
        """(code, {field: remedy}, text)."""
        path = "/" + "/".join(self.method.full_name.rsplit(".", 1))
        data = self.request.SerializeToString()
        if self.swap is not None:
            data = data.replace(*self.swap)
        reply = message_factory.GetMessageClass(self.method.output_type)
        try:
            self.reply = reply.FromString(
                client.channel.unary_unary(path)(data, timeout=20))
        except grpc.RpcError as error:
            _, fields = details(error)
            return error.code().name, fields, error.details()
        if self._rows() and len(self.reply.results):
            return row_answer(self.reply.results[0].error)
        return "OK", {}, ""


def row_answer(error):
    name = suite.CODES[error.code]
    for one in error.details:
        if one.type_url.endswith("BadRequest"):
            from google.rpc import error_details_pb2
            bad = error_details_pb2.BadRequest.FromString(one.value)
            return name, {v.field: v.description for v in bad.field_violations}, error.message
    return name, {}, error.message


def scramble_one(message, field, rng):
    number = rng.choice((0, 1, -1, 7, 2017, 2 ** 31 - 1, -2 ** 31))
    if field.message_type is not None:
        return
    value = {
        Field.CPPTYPE_STRING: lambda: rng.choice(("", "x", "\u202e", "a" * 3000, "won", "2017",
                                                  suite.new_id(), "9" * 40, "名", "need")),
        Field.CPPTYPE_BOOL: lambda: True,
        Field.CPPTYPE_ENUM: lambda: rng.randrange(-2, 9),
        Field.CPPTYPE_DOUBLE: lambda: rng.choice((0.0, -1.5, 1e308, float("inf"), float("nan"))),
        Field.CPPTYPE_INT64: lambda: rng.choice((number, 2 ** 63 - 1, -2 ** 63)),
        Field.CPPTYPE_INT32: lambda: number,
    }.get(field.cpp_type, lambda: None)()
    if field.type == Field.TYPE_BYTES or value is None:
        return
    if field.label == Field.LABEL_REPEATED:
        getattr(message, field.name).extend([value] * rng.choice((1, 2, 30)))
    else:
        setattr(message, field.name, value)
