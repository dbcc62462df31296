// Turns the YAML of a mapping into its model, noting every fault with its line. One thread.
#pragma once

#include <string>

#include "services/suite/import/mapping.h"
#include "services/suite/import/mapping_expr.h"
#include "services/suite/import/mapping_yaml.h"

namespace spm::suite {

class MappingParser {
 public:
  explicit MappingParser(const std::string& path);
  StatusOr<Mapping> Parse(const std::string& text);

 private:
  // What the rest depends on, wherever it stands.
  void ReadCommon(const YAML::Node& root);
  void ReadAll(const YAML::Node& root);
  void ReadSource(const YAML::Node& node);
  void ReadCurrency(const YAML::Node& node);
  void ReadFiles(const YAML::Node& node);
  void ReadFile(const YAML::Node& node, FileSpec* file);
  void ReadPipelines(const YAML::Node& node);
  void ReadStage(const YAML::Node& node, leads::v1::PipelineStage* stage);
  void ReadChecklist(const YAML::Node& node, leads::v1::PipelineStage* stage);
  void ReadKind(Kind kind, const YAML::Node& node);
  void ReadBlock(Kind kind, const YAML::Node& node);
  void ReadTargetKey(const std::string& key, const YAML::Node& node, Block* block);
  void ReadHistory(const YAML::Node& node, Block* block);
  // Fills in what a block need not say, and checks what it must.
  void Complete(const YAML::Node& node, Block* block);
  // What can be checked only when all is read.
  void CheckWhole();

  Faults faults_;
  Defaults defaults_;
  YamlReader yaml_;
  ExprReader expr_;
  Mapping mapping_;
};

}  // namespace spm::suite
