// The company that the demo plays: regions, teams, people, products, customers, all made up. The
// same seed gives the same company. Values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace spm::suite {

// Random numbers that are the same with every standard library.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ULL + 1) {}
  uint64_t Next();
  // From 0 to n - 1.
  int Below(int n) { return static_cast<int>(Next() % static_cast<uint64_t>(n)); }
  int Between(int least, int most) { return least + Below(most - least + 1); }
  bool Chance(int percent) { return Below(100) < percent; }
  template <typename T>
  const T& Pick(const std::vector<T>& all) {
    return all[static_cast<size_t>(Below(static_cast<int>(all.size())))];
  }

 private:
  uint64_t state_;
};

struct DemoUnit {
  std::string key;
  std::string name;
  // Key of the region; empty for a region.
  std::string region;
};

struct DemoPerson {
  std::string key;
  std::string name;
  // Key of the unit.
  std::string unit;
  std::string region;
  std::string manager;
  bool leads = false;
  bool executive = false;
  // How well the person sells, in percent of won deals; 0 for those who do not sell.
  int skill = 0;
  std::vector<std::string> skills;
};

struct DemoProduct {
  std::string key;
  std::string name;
  std::string line;
  // In major units.
  int64_t price = 0;
};

struct DemoCustomer {
  std::string key;
  std::string name;
  std::string owner;
  std::string sector;
  std::string country;
  std::string source;
  std::string contact;
  std::string title;
};

struct DemoWorld {
  std::vector<DemoUnit> units;
  std::vector<DemoPerson> people;
  std::vector<DemoProduct> products;
  std::vector<DemoCustomer> customers;
  // For customers that come later.
  std::vector<std::string> sectors;
  std::vector<std::string> sources;
  std::vector<std::string> loss_reasons;
  std::vector<std::string> notes;

  // Those who sell.
  std::vector<const DemoPerson*> Reps() const;
  // A name that no customer of the world has.
  std::string NewCompanyName(Dice* dice) const;
  std::string NewPersonName(Dice* dice) const;

  bool chinese = false;
};

// `language` is zh or en; `price_scale` turns prices of some hundred to some ten thousand dollars
// into the company's currency.
DemoWorld MakeWorld(uint64_t seed, const std::string& language, int price_scale);

}  // namespace spm::suite
