#include "services/suite/import/mapping_expr.h"

namespace spm::suite {

Expr ExprReader::Plain(const YAML::Node& node, Expr::From from) {
  Expr expr;
  expr.line = LineOf(node);
  expr.from = from;
  expr.formats = defaults_->formats;
  expr.number = defaults_->number;
  expr.zone = defaults_->zone;
  if (node.IsScalar()) expr.text = node.Scalar();
  return expr;
}

Expr ExprReader::Read(const YAML::Node& node, const std::string& what, bool plain_is_value) {
  if (node.IsScalar())
    return Plain(node, plain_is_value ? Expr::From::kValue : Expr::From::kColumn);
  if (node.IsSequence()) {
    Expr expr = Plain(node, plain_is_value ? Expr::From::kValue : Expr::From::kFirst);
    if (node.size() == 0) yaml_->Fault(node, what + " is an empty list");
    for (const auto& item : node) {
      if (plain_is_value) {
        expr.text += (expr.text.empty() ? "" : expr.split) + yaml_->Text(item, what);
      } else {
        expr.choices.push_back(Read(item, what, false));
      }
    }
    return expr;
  }
  Expr expr = Plain(node, Expr::From::kNothing);
  ReadKeys(node, what, &expr);
  if (!expr.given())
    yaml_->Fault(node, what +
                           " says nowhere where its value comes from: column, value, template "
                           "or first");
  return expr;
}

void ExprReader::ReadKeys(const YAML::Node& node, const std::string& what, Expr* expr) {
  const auto from = [&](Expr::From kind) {
    return [this, kind, expr, &what](const YAML::Node& v) {
      if (expr->given())
        yaml_->Fault(v, what + " has more than one of column, value, template and first");
      expr->from = kind;
      if (kind != Expr::From::kFirst) {
        expr->text = yaml_->Text(v, what);
        return;
      }
      if (!v.IsSequence()) yaml_->Fault(v, "first takes a list");
      for (const auto& item : v) expr->choices.push_back(Read(item, what, false));
    };
  };
  const auto number = [&](const std::string& key) {
    return YamlReader::Key{
        key, [this, key, expr](const YAML::Node& v) { ReadNumberKey(key, v, &expr->number); }};
  };
  yaml_->Keys(
      node, what,
      {{"column", from(Expr::From::kColumn)},
       {"value", from(Expr::From::kValue)},
       {"template", from(Expr::From::kTemplate)},
       {"first", from(Expr::From::kFirst)},
       {"lookup", [&](const YAML::Node& v) { expr->lookup = ReadLookup(v, what); }},
       {"map", [&](const YAML::Node& v) { expr->map = yaml_->TextMap(v, "map of " + what); }},
       {"else", [&](const YAML::Node& v) { expr->otherwise = yaml_->Text(v, "else"); }},
       {"default", [&](const YAML::Node& v) { expr->fallback = yaml_->Text(v, "default"); }},
       {"when", [&](const YAML::Node& v) { expr->when = ReadConditions(v, what); }},
       {"split", [&](const YAML::Node& v) { expr->split = yaml_->Text(v, "split"); }},
       {"letters",
        [&](const YAML::Node& v) {
          expr->letters = yaml_->Text(v, "letters");
          if (expr->letters != "upper" && expr->letters != "lower")
            yaml_->Fault(v, "letters is upper or lower");
        }},
       {"format", [&](const YAML::Node& v) { expr->formats = ReadFormats(v); }},
       {"zone", [&](const YAML::Node& v) { expr->zone = ReadZone(v); }},
       {"as",
        [&](const YAML::Node& v) {
          expr->as_day = yaml_->Text(v, "as") == "day";
          if (!expr->as_day) yaml_->Fault(v, "as is day");
        }},
       {"source", [&](const YAML::Node& v) { expr->source = yaml_->Text(v, "source"); }},
       number("decimal"),
       number("thousands"),
       number("scale"),
       number("round")});
}

Lookup ExprReader::ReadLookup(const YAML::Node& node, const std::string& what) {
  Lookup lookup;
  lookup.line = LineOf(node);
  const auto text = [&](const char* name, std::string* to) {
    return YamlReader::Key{name, [=, this](const YAML::Node& v) { *to = yaml_->Text(v, name); }};
  };
  yaml_->Keys(node, "lookup of " + what,
              {text("file", &lookup.file), text("key", &lookup.key), text("take", &lookup.take)});
  if (lookup.file.empty() || lookup.key.empty() || lookup.take.empty())
    yaml_->Fault(node,
                 "a lookup has file, key (the column that is searched) and take (the column "
                 "whose value is taken)");
  return lookup;
}

Expr ExprReader::Value(int line, const std::string& text) const {
  Expr expr;
  expr.line = line;
  expr.from = Expr::From::kValue;
  expr.text = text;
  return expr;
}

Conditions ExprReader::ReadConditions(const YAML::Node& node, const std::string& what) {
  Conditions all;
  yaml_->Entries(
      node, "when/where of " + what, [&](const std::string& column, const YAML::Node& value) {
        Condition one;
        one.line = LineOf(value);
        one.column = column;
        if (value.IsMap()) {
          yaml_->Keys(value, "condition on " + column, {{"not", [&](const YAML::Node& v) {
                                                           one.negate = true;
                                                           one.values = yaml_->Texts(v, "not");
                                                         }}});
        } else {
          one.values = yaml_->Texts(value, "condition on " + column);
        }
        all.push_back(std::move(one));
      });
  return all;
}

std::vector<DateFormat> ExprReader::ReadFormats(const YAML::Node& node) {
  std::vector<DateFormat> formats;
  for (const auto& text : yaml_->Texts(node, "format")) {
    auto format = DateFormat::Parse(text);
    if (format.ok()) {
      formats.push_back(std::move(format).value());
    } else {
      yaml_->Fault(node, std::string(format.status().message()));
    }
  }
  return formats;
}

void ExprReader::ReadNumberKey(const std::string& key, const YAML::Node& node,
                               NumberFormat* number) {
  if (key == "scale") {
    number->scale = yaml_->Integer(node, "scale", 1, 1'000'000'000);
  } else if (key == "round") {
    number->round = yaml_->YesNo(node, "round");
  } else if (key == "decimal") {
    const std::string text = yaml_->Text(node, "decimal");
    if (text != "." && text != ",") return yaml_->Fault(node, "decimal is \".\" or \",\"");
    number->decimal = text[0];
    if (number->thousands == number->decimal) number->thousands = text == "." ? ',' : '.';
  } else if (key == "thousands") {
    const std::string text = yaml_->Text(node, "thousands");
    if (text == "none") {
      number->thousands = 0;
    } else if (text == "space" || text == " ") {
      number->thousands = ' ';
    } else if (text == "." || text == "," || text == "'") {
      number->thousands = text[0];
      if (number->decimal == number->thousands) number->decimal = text == "." ? ',' : '.';
    } else {
      yaml_->Fault(node, "thousands is \",\", \".\", \"'\", space or none");
    }
  }
}

std::optional<FileZone> ExprReader::ReadZone(const YAML::Node& node) {
  auto zone = FileZone::Find(yaml_->Text(node, "zone"));
  if (zone.ok()) return *zone;
  yaml_->Fault(node, std::string(zone.status().message()));
  return std::nullopt;
}

}  // namespace spm::suite
