#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "services/suite/commands.h"
#include "services/suite/output.h"

namespace spm::suite {
namespace {

// One command with what may follow it.
struct Node {
  // Subcommands on the way to it: "", "import", "dlq list".
  std::string path;
  std::vector<std::pair<std::string, std::string>> subcommands;
  std::vector<std::pair<std::string, std::string>> options;
};

void Collect(const CLI::App* app, const std::string& path, std::vector<Node>* nodes) {
  Node node;
  node.path = path;
  for (const CLI::App* at = app; at != nullptr; at = at->get_parent())
    for (const CLI::Option* option : at->get_options())
      for (const auto& name : option->get_lnames())
        if (at == app || (at->get_parent() == nullptr && !name.starts_with("help")))
          node.options.emplace_back("--" + name, option->get_description());
  for (const CLI::App* sub : app->get_subcommands([](const CLI::App*) { return true; }))
    node.subcommands.emplace_back(sub->get_name(), sub->get_description());
  nodes->push_back(node);
  for (const CLI::App* sub : app->get_subcommands([](const CLI::App*) { return true; }))
    Collect(sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), nodes);
}

std::string Escaped(const std::string& text, char quote) {
  std::string out;
  for (const char c : text) out += c == quote ? std::string(1, ' ') : std::string(1, c);
  return out;
}

std::string Bash(const std::vector<Node>& nodes) {
  std::string cases;
  for (const auto& node : nodes) {
    std::string words;
    for (const auto& [name, help] : node.subcommands) words += name + " ";
    for (const auto& [name, help] : node.options) words += name + " ";
    cases += fmt::format("    \"{}\") words=\"{}\" ;;\n", node.path, words);
  }
  return fmt::format(R"(# bash completion of spm: source <(spm completion bash)
_spm() {{
  local word path="" words="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="${{COMP_WORDS[i]}}"
    case "$word" in
      --data|--config|--as|--report) ((i++)) ;;
      -*) ;;
      *) case " {} " in *" ${{path:+$path }}$word "*|*"|${{path:+$path }}$word|"*) path="${{path:+$path }}$word" ;; esac ;;
    esac
  done
  case "$path" in
{}  esac
  COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _spm spm
)",
                     [&] {
                       std::string paths = "|";
                       for (const auto& node : nodes)
                         if (!node.path.empty()) paths += node.path + "|";
                       return paths;
                     }(),
                     cases);
}

std::string Zsh(const std::vector<Node>& nodes) {
  std::string cases;
  for (const auto& node : nodes) {
    std::string words;
    for (const auto& [name, help] : node.subcommands)
      words += fmt::format(" '{}:{}'", name, Escaped(help, '\''));
    for (const auto& [name, help] : node.options)
      words += fmt::format(" '{}:{}'", name, Escaped(help, '\''));
    cases += fmt::format("    \"{}\") all=({}) ;;\n", node.path, words);
  }
  std::string paths;
  for (const auto& node : nodes)
    if (!node.path.empty()) paths += fmt::format(" '{}'", node.path);
  return fmt::format(R"(#compdef spm
# zsh completion of spm: source <(spm completion zsh)
_spm() {{
  local path="" word i
  local -a all known
  known=({})
  for ((i = 2; i < CURRENT; i++)); do
    word="${{words[i]}}"
    if (( ${{known[(Ie)${{path:+$path }}$word]}} )); then path="${{path:+$path }}$word"; fi
  done
  case "$path" in
{}  esac
  _describe 'spm' all
  _files
}}
compdef _spm spm
)",
                     paths, cases);
}

std::string Fish(const std::vector<Node>& nodes) {
  std::string text = "# fish completion of spm: spm completion fish | source\n";
  for (const auto& node : nodes) {
    const size_t blank = node.path.find(' ');
    std::string seen = "__fish_use_subcommand";
    if (!node.path.empty()) {
      seen = "__fish_seen_subcommand_from " + node.path.substr(0, blank);
      if (blank != std::string::npos)
        seen += "; and __fish_seen_subcommand_from " + node.path.substr(blank + 1);
    }
    for (const auto& [name, help] : node.subcommands)
      text += fmt::format("complete -c spm -n '{}' -f -a {} -d '{}'\n", seen, name,
                          Escaped(help, '\''));
    for (const auto& [name, help] : node.options)
      text += fmt::format("complete -c spm -n '{}' -l {} -d '{}'\n", seen, name.substr(2),
                          Escaped(help, '\''));
  }
  return text;
}

}  // namespace

void AddCompletion(CLI::App* app, Cli* cli) {
  auto shell = std::make_shared<std::string>();
  CLI::App* sub = app->add_subcommand("completion", "Print the completion script of a shell");
  sub->footer("Example:\n  source <(spm completion bash)");
  sub->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  sub->callback([=] {
    cli->run = [=] {
      std::vector<Node> nodes;
      Collect(app, "", &nodes);
      Print(*shell == "bash" ? Bash(nodes) : *shell == "zsh" ? Zsh(nodes) : Fish(nodes));
      return kDone;
    };
  });
}

}  // namespace spm::suite
