// A few threads that answer queries, so that none of the transport's threads waits. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace spm {

class Pool {
 public:
  explicit Pool(int threads);
  ~Pool();
  // False when it is stopping.
  bool Submit(std::function<void()> work);
  void Stop();

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> waiting_;
  std::vector<std::thread> threads_;
  bool stopping_ = false;
};

}  // namespace spm
