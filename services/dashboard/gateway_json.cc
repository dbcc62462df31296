#include "services/dashboard/gateway_json.h"

#include <cstdint>
#include <set>

namespace spm::dashboard {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

void AppendUtf8(uint32_t code, std::string* out) {
  if (code < 0x80) {
    *out += static_cast<char>(code);
  } else if (code < 0x800) {
    *out += static_cast<char>(0xC0 | code >> 6);
    *out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    *out += static_cast<char>(0xE0 | code >> 12);
    *out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    *out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    *out += static_cast<char>(0xF0 | code >> 18);
    *out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    *out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    *out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  StatusOr<JsonValue> Run() {
    JsonValue value;
    RETURN_IF_ERROR(Value(&value, 0));
    Space();
    if (at_ < text_.size()) return Wrong("nothing may follow the value");
    return value;
  }

 private:
  Status Wrong(const std::string& what) const {
    return InvalidField(path_.empty() ? "body" : path_,
                        what + " (at byte " + std::to_string(at_) + ")");
  }
  void Space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
  }
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool Take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  Status Value(JsonValue* out, int depth) {
    if (++values_ > kMaxJsonValues)
      return Wrong("more than " + std::to_string(kMaxJsonValues) + " values: send less at a time");
    Space();
    switch (Peek()) {
      case '{':
      case '[':
        if (depth >= kMaxJsonDepth)
          return Wrong("nested deeper than " + std::to_string(kMaxJsonDepth));
        return Peek() == '{' ? Object(out, depth) : Array(out, depth);
      case '"':
        out->kind = JsonValue::Kind::kString;
        return String(&out->text);
      case 't':
        return Word("true", JsonValue::Kind::kBool, out);
      case 'f':
        return Word("false", JsonValue::Kind::kBool, out);
      case 'n':
        return Word("null", JsonValue::Kind::kNull, out);
      default:
        return Number(out);
    }
  }

  Status Word(std::string_view word, JsonValue::Kind kind, JsonValue* out) {
    if (text_.substr(at_, word.size()) != word) return Wrong("is no JSON");
    at_ += word.size();
    out->kind = kind;
    out->text = std::string(word);
    return OkStatus();
  }

  Status Number(JsonValue* out) {
    size_t begin = at_;
    Take('-');
    if (!Take('0') && !Digits()) return Wrong("is no JSON: a value is missing");
    if (Take('.') && !Digits()) return Wrong("is no number: digits must follow the point");
    if (Take('e') || Take('E')) {
      if (!Take('+')) Take('-');
      if (!Digits()) return Wrong("is no number: digits must follow the exponent");
    }
    if (IsDigit(Peek())) return Wrong("is no number: it begins with 0");
    out->kind = JsonValue::Kind::kNumber;
    out->text = std::string(text_.substr(begin, at_ - begin));
    return OkStatus();
  }

  bool Digits() {
    size_t begin = at_;
    while (IsDigit(Peek())) ++at_;
    return at_ > begin;
  }

  Status Array(JsonValue* out, int depth) {
    out->kind = JsonValue::Kind::kArray;
    Take('[');
    Space();
    if (Take(']')) return OkStatus();
    const size_t length = path_.size();
    do {
      path_ += "[" + std::to_string(out->items.size()) + "]";
      RETURN_IF_ERROR(Value(&out->items.emplace_back(), depth + 1));
      path_.resize(length);
      Space();
    } while (Take(','));
    if (!Take(']')) return Wrong("is no JSON: , or ] is missing");
    return OkStatus();
  }

  Status Object(JsonValue* out, int depth) {
    out->kind = JsonValue::Kind::kObject;
    Take('{');
    Space();
    if (Take('}')) return OkStatus();
    const size_t length = path_.size();
    std::set<std::string> names;
    do {
      Space();
      std::string name;
      if (Peek() != '"') return Wrong("is no JSON: a name in quotes is missing");
      RETURN_IF_ERROR(String(&name));
      path_ += (length > 0 ? "." : "") + name;
      if (!names.insert(name).second) return Wrong("is given twice: give it once");
      Space();
      if (!Take(':')) return Wrong("is no JSON: a colon is missing");
      out->members.emplace_back(std::move(name), JsonValue());
      RETURN_IF_ERROR(Value(&out->members.back().second, depth + 1));
      path_.resize(length);
      Space();
    } while (Take(','));
    if (!Take('}')) return Wrong("is no JSON: , or } is missing");
    return OkStatus();
  }

  Status String(std::string* out) {
    Take('"');
    while (at_ < text_.size() && text_[at_] != '"') {
      char c = text_[at_++];
      if (static_cast<unsigned char>(c) < 0x20)
        return Wrong("holds a control character: write it as \\u00XX");
      if (c != '\\') {
        *out += c;
      } else {
        RETURN_IF_ERROR(Escape(out));
      }
    }
    if (!Take('"')) return Wrong("is no JSON: a closing quote is missing");
    if (!IsUtf8(*out)) return Wrong("must be UTF-8");
    return OkStatus();
  }

  Status Escape(std::string* out) {
    static constexpr std::string_view kFrom = "\"\\/bfnrt", kTo = "\"\\/\b\f\n\r\t";
    char c = Peek();
    ++at_;
    if (size_t i = kFrom.find(c); c != '\0' && i != kFrom.npos) {
      *out += kTo[i];
      return OkStatus();
    }
    uint32_t code = 0, low = 0;
    if (c != 'u' || !Hex4(&code)) return Wrong("holds an unknown escape");
    if (code >= 0xD800 && code < 0xDC00) {
      if (!Take('\\') || !Take('u') || !Hex4(&low) || low < 0xDC00 || low > 0xDFFF)
        return Wrong("must be UTF-8: half of a surrogate pair is missing");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code <= 0xDFFF) {
      return Wrong("must be UTF-8: half of a surrogate pair is missing");
    }
    AppendUtf8(code, out);
    return OkStatus();
  }

  bool Hex4(uint32_t* code) {
    for (int i = 0; i < 4; ++i, ++at_) {
      char c = Peek();
      uint32_t digit = IsDigit(c)               ? c - '0'
                       : (c >= 'a' && c <= 'f') ? c - 'a' + 10
                       : (c >= 'A' && c <= 'F') ? c - 'A' + 10
                                                : 16;
      if (digit > 15) return false;
      *code = *code * 16 + digit;
    }
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  int values_ = 0;
  std::string path_;
};

}  // namespace

StatusOr<JsonValue> ParseJson(std::string_view text) { return Parser(text).Run(); }

bool IsUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    auto byte = [&](size_t k) { return static_cast<unsigned char>(text[k]); };
    unsigned char lead = byte(i);
    size_t length = lead < 0x80   ? 1
                    : lead < 0xC2 ? 0
                    : lead < 0xE0 ? 2
                    : lead < 0xF0 ? 3
                    : lead < 0xF5 ? 4
                                  : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (size_t k = 1; k < length; ++k)
      if ((byte(i + k) & 0xC0) != 0x80) return false;
    // Longer forms than needed, surrogates, and what lies beyond Unicode.
    if (lead == 0xE0 && byte(i + 1) < 0xA0) return false;
    if (lead == 0xED && byte(i + 1) > 0x9F) return false;
    if (lead == 0xF0 && byte(i + 1) < 0x90) return false;
    if (lead == 0xF4 && byte(i + 1) > 0x8F) return false;
    i += length;
  }
  return true;
}

const char* KindName(JsonValue::Kind kind) {
  static constexpr const char* kNames[] = {"null",     "a boolean", "a number",
                                           "a string", "an array",  "an object"};
  return kNames[static_cast<int>(kind)];
}

}  // namespace spm::dashboard
