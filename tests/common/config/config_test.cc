#include "common/config/config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/base/ids.h"

namespace spm {
namespace {

class ConfigFile : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& text) { std::ofstream(file_) << text; }
  std::string Read() {
    std::ostringstream text;
    text << std::ifstream(file_).rdbuf();
    return text.str();
  }
  StatusOr<Config> Load(const Settings& environment = {}, const Settings& flags = {}) {
    return LoadConfig({.file = file_, .environment = environment, .flags = flags});
  }
  std::string Fault(const Settings& environment = {}, const Settings& flags = {}) {
    const auto config = Load(environment, flags);
    if (config.ok()) return "no error";
    EXPECT_EQ(config.status().code(), StatusCode::kInvalidArgument);
    return std::string(config.status().message());
  }

  const std::string folder_ = ::testing::TempDir() + "spm-config-" + RandomUuid();
  const std::string file_ = folder_ + "/spm.yaml";
};

TEST_F(ConfigFile, DefaultsHoldWhereNothingIsSaid) {
  const auto config = Load();
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config->port, 8080);
  EXPECT_EQ(config->grpc_port, 8081);
  EXPECT_EQ(config->company.currency, "USD");
  EXPECT_EQ(config->company.language, "en");
  EXPECT_EQ(config->company.zone, SystemZone());
  EXPECT_EQ(config->log_level, "info");
  EXPECT_EQ(config->database, "embedded");
  EXPECT_FALSE(config->reflection);
}

TEST_F(ConfigFile, LaterSourcesGoBeforeEarlierOnes) {
  Write("port: 1000\nlog:\n  level: warn\nreflection: true\ncompany:\n  zone: Asia/Shanghai\n");
  EXPECT_EQ(Load()->port, 1000);
  EXPECT_EQ(Load()->log_level, "warn");
  EXPECT_TRUE(Load()->reflection);
  EXPECT_EQ(Load()->company.zone, "Asia/Shanghai");
  const Settings environment = {{"SPM_PORT", "2000"}, {"SPM_LOG_LEVEL", "error"}, {"HOME", "/x"}};
  EXPECT_EQ(Load(environment)->port, 2000);
  EXPECT_EQ(Load(environment)->log_level, "error");
  EXPECT_EQ(Load(environment, {{"port", "3000"}})->port, 3000);
  EXPECT_EQ(Load({{"SPM_PORT", ""}})->port, 1000) << "an empty variable is not set";
}

TEST_F(ConfigFile, TheFileIsThatOfTheDataFolder) {
  Write("port: 1234\n");
  EXPECT_EQ(LoadConfig({.flags = {{"data", folder_}}})->port, 1234);
  EXPECT_EQ(LoadConfig({.environment = {{"SPM_DATA", folder_}}})->port, 1234);
  EXPECT_EQ(
      LoadConfig({.environment = {{"SPM_DATA", folder_}}, .flags = {{"data", "/none"}}})->port,
      8080);
}

TEST_F(ConfigFile, ALaterPortTakesTheGrpcPortAlong) {
  Write("port: 1000\ngrpc_port: 1500\n");
  EXPECT_EQ(Load()->grpc_port, 1500);
  EXPECT_EQ(Load({{"SPM_PORT", "2000"}})->grpc_port, 2001);
  EXPECT_EQ(Load({}, {{"port", "3000"}})->grpc_port, 3001);
  EXPECT_EQ(Load({}, {{"port", "3000"}, {"grpc_port", "9"}})->grpc_port, 9);
  EXPECT_EQ(Load({}, {{"port", "0"}})->grpc_port, 0);
  Write("port: 1000\n");
  EXPECT_EQ(Load()->grpc_port, 1001);
  EXPECT_NE(Fault({}, {{"port", "65535"}}).find("grpc_port"), std::string::npos);
  EXPECT_NE(Fault({}, {{"grpc_port", "1000"}}).find("must differ"), std::string::npos);
}

TEST_F(ConfigFile, AnUnknownKeyNamesItsLineAndTheNearest) {
  Write("port: 1000\ncompany:\n  currancy: USD\n");
  EXPECT_EQ(Fault(), file_ + ":3: unknown key company.currancy; did you mean company.currency?");
  Write("# comment\nprot: 1000\n");
  EXPECT_EQ(Fault(), file_ + ":2: unknown key prot; did you mean port?");
  Write("");
  EXPECT_EQ(Fault({{"SPM_GRPC_PROT", "1"}}),
            "environment: unknown variable SPM_GRPC_PROT; did you mean SPM_GRPC_PORT?");
  EXPECT_EQ(Fault({}, {{"reflexion", "true"}}),
            "flag --reflexion: unknown key reflexion; did you mean reflection?");
  EXPECT_EQ(Fault({{"SPM_BIN", "/x"}, {"SPM_TEST_BUS", "1"}}), "no error");
}

TEST_F(ConfigFile, AWrongValueNamesTheKeyAndWhatIsExpected) {
  struct Row {
    const char* text;
    const char* fault;
  };
  const Row rows[] = {
      {"port: many\n", ":1: port is \"many\"; expected is a port number from 0 to 65535"},
      {"port: 65536\n", ":1: port is \"65536\"; expected is a port number from 0 to 65535"},
      {"port: -1\n", ":1: port is \"-1\"; expected is"},
      {"port: 80a\n", ":1: port is \"80a\"; expected is"},
      {"port:\n", ":1: port expects a port number"},
      {"port: [1]\n", ":1: port expects a port number"},
      {"reflection: yes\n", ":1: reflection is \"yes\"; expected is true or false"},
      {"log:\n  level: loud\n",
       ":2: log.level is \"loud\"; expected is debug, info, warn or error"},
      {"company:\n  currency: usd\n",
       ":2: company.currency is \"usd\"; expected is a currency code"},
      {"company:\n  zone: Mars\n", ":2: company.zone is \"Mars\"; expected is a zone"},
      {"company:\n  language: fr\n", ":2: company.language is \"fr\"; expected is en or zh"},
      {"database: postgres\n", ":1: database is \"postgres\"; expected is embedded"},
      {"company: Acme\n", ":1: company expects keys below it"},
      {"- port\n", ":1: expected are keys"},
      {"port: 1\n  zone: x\n", "no YAML"},
  };
  for (const Row& row : rows) {
    Write(row.text);
    EXPECT_NE(Fault().find(row.fault), std::string::npos) << row.text << Fault();
  }
  Write("");
  EXPECT_EQ(Fault({{"SPM_PORT", "x"}}).find("environment SPM_PORT: port is \"x\""), 0u);
  EXPECT_EQ(Fault({}, {{"grpc_port", "x"}}).find("flag --grpc-port: grpc_port is \"x\""), 0u);
}

TEST_F(ConfigFile, AMissingFileIsAnErrorOnlyWhereItWasNamed) {
  EXPECT_TRUE(Load().ok());
  const auto config = LoadConfig({.file = file_, .file_required = true});
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(std::string(config.status().message()).find(file_ + ": no such file"), 0u);
}

TEST_F(ConfigFile, WhatIsPrintedCanBeRead) {
  Write(
      "port: 1000\nlog: {level: debug}\ncompany: {zone: Asia/Tokyo, currency: JPY, language: "
      "zh}\n");
  const Config first = Load().value();
  Write(PrintConfig(first));
  const Config second = Load().value();
  EXPECT_EQ(PrintConfig(first), PrintConfig(second));
  EXPECT_EQ(second.company.currency, "JPY");
  EXPECT_EQ(second.grpc_port, 1001);
}

TEST(MaskSecret, HidesPasswordsAndLeavesTheRest) {
  EXPECT_EQ(MaskSecret("company.zone", "UTC"), "UTC");
  EXPECT_EQ(MaskSecret("database.password", "hunter2"), "****");
  EXPECT_EQ(MaskSecret("auth.token", "abc"), "****");
  EXPECT_EQ(MaskSecret("auth.token", ""), "");
  EXPECT_EQ(MaskSecret("database", "postgres://spm:p@ss@db/spm"), "postgres://spm:****@db/spm");
  EXPECT_EQ(MaskSecret("database", "postgres://db:5432/spm"), "postgres://db:5432/spm");
}

TEST_F(ConfigFile, PortsAreWrittenAndTheRestStays) {
  const std::string mine =
      "# mine\ncompany:\n  currency: EUR   # euros\n  port: inner\n\nport: 1   # was free\n"
      "log: {level: info}\n";
  Write(mine);
  Config config;
  config.port = 8090;
  config.grpc_port = 8099;
  ASSERT_TRUE(WritePorts(file_, config).ok());
  EXPECT_EQ(Read(),
            "# mine\ncompany:\n  currency: EUR   # euros\n  port: inner\n\nport: 8090 # was free\n"
            "log: {level: info}\ngrpc_port: 8099\n");
  const std::string once = Read();
  ASSERT_TRUE(WritePorts(file_, config).ok());
  EXPECT_EQ(Read(), once);
}

TEST_F(ConfigFile, AFileOfTheCompanyAloneGetsThePortsAfterIt) {
  Write("company: {currency: CNY, zone: Asia/Shanghai, language: zh}");
  Config config = Load().value();
  ASSERT_TRUE(WritePorts(file_, config).ok());
  EXPECT_EQ(Read(),
            "company: {currency: CNY, zone: Asia/Shanghai, language: zh}\nport: 8080\n"
            "grpc_port: 8081\n");
  EXPECT_EQ(Load()->company.currency, "CNY");
}

TEST_F(ConfigFile, AFileIsMadeWhereThereIsNone) {
  Config config = Load({}, {{"company.zone", "Europe/Berlin"}, {"port", "9000"}}).value();
  ASSERT_TRUE(WritePorts(file_, config).ok());
  EXPECT_EQ(Read()[0], '#');
  const Config again = Load().value();
  EXPECT_EQ(again.port, 9000);
  EXPECT_EQ(again.grpc_port, 9001);
  EXPECT_EQ(again.company.zone, "Europe/Berlin");
  EXPECT_EQ(again.company.currency, "USD");
}

TEST_F(ConfigFile, SaysWhereThePortsCannotBeWritten) {
  const Status status = WritePorts(folder_ + "/missing/spm.yaml", Config());
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_NE(std::string(status.message()).find("/missing/spm.yaml"), std::string::npos);
}

TEST(SystemZone, GoesByTz) {
  const char* before = std::getenv("TZ");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("TZ", ":Asia/Tokyo", 1);
  EXPECT_EQ(SystemZone(), "Asia/Tokyo");
  ::setenv("TZ", "nowhere", 1);
  EXPECT_FALSE(SystemZone().empty());
  EXPECT_NE(SystemZone(), "nowhere");
  before == nullptr ? ::unsetenv("TZ") : ::setenv("TZ", kept.c_str(), 1);
}

}  // namespace
}  // namespace spm
