#include "common/app/pool.h"

namespace spm {

Pool::Pool(int threads) {
  for (int i = 0; i < threads; ++i)
    threads_.emplace_back([this] {
      while (true) {
        std::function<void()> work;
        {
          std::unique_lock lock(mutex_);
          wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
          if (waiting_.empty()) return;
          work = std::move(waiting_.front());
          waiting_.pop_front();
        }
        work();
      }
    });
}

Pool::~Pool() { Stop(); }

bool Pool::Submit(std::function<void()> work) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return false;
    waiting_.push_back(std::move(work));
  }
  wake_.notify_one();
  return true;
}

void Pool::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& t : threads_)
    if (t.joinable()) t.join();
}

}  // namespace spm
