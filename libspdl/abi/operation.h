// SPDX-License-Identifier: BSD-2-Clause
// An operation is planned once, from its arguments; then it runs here and now, or on a queue.
#pragma once

#include <utility>

#include "abi/boundary.h"
#include "abi/handle.h"
#include "abi/options.h"

namespace spdl::abi {

template <class Handle>
using Outcome = Result<typename Handle::Value>;

// What one plans: a call with all that it needs inside. `plan` gives a Result of one.
template <class Handle>
using Call = std::function<Outcome<Handle>(const Limits &)>;

template <class Handle>
Result<void> hand_over(Outcome<Handle> outcome, Handle **out) {
  SPDL_TRY_ASSIGN(auto value, std::move(outcome));
  *out = new Handle(std::move(value));
  return {};
}

template <class Handle>
Result<queue::Product> to_product(Outcome<Handle> outcome) {
  SPDL_TRY_ASSIGN(auto value, std::move(outcome));
  queue::Product product;
  product.kind = Handle::kind;
  product.handle = {new Handle(std::move(value)),
                    [](void *handle) { delete static_cast<Handle *>(handle); }};
  return product;
}

// What is due when an operation on these sources is over; empty if there is nothing to do.
using AtEnd = queue::Job::AtEnd;

inline AtEnd release(std::vector<ffmpeg::SourcePtr> sources) {
  std::erase_if(sources, [](const auto &source) {
    return !std::holds_alternative<ffmpeg::FeedPtr>(source->where);
  });
  if (sources.empty()) return nullptr;
  return [sources = std::move(sources)] {
    for (const auto &source : sources) source->release();
  };
}

inline AtEnd release(const spdl_source *source) {
  return source ? release(std::vector{source->value}) : nullptr;
}

// Of a list that nobody has checked yet.
inline AtEnd release(const spdl_source *const *sources, uint32_t num_sources) {
  std::vector<ffmpeg::SourcePtr> given;
  for (uint32_t i = 0; sources && i < num_sources; ++i)
    if (sources[i]) given.push_back(sources[i]->value);
  return release(std::move(given));
}

// However a blocking operation ends.
struct Ending {
  AtEnd at_end;
  explicit Ending(AtEnd at_end) : at_end(std::move(at_end)) {}
  Ending(const Ending &) = delete;
  Ending &operator=(const Ending &) = delete;
  ~Ending() {
    if (at_end) at_end();
  }
};

// As much of a list as the caller has room for, and how much there is.
template <class T>
Result<void> copy_list(const std::vector<T> &from, T *to, size_t room, size_t *out_num) {
  std::copy_n(from.begin(), std::min(from.size(), room), to);
  *out_num = from.size();
  return {};
}

// An exception that reaches a worker becomes the job's outcome.
template <class Body>
Result<queue::Product> catch_all(Body &&body) {
  try {
    return body();
  } catch (const std::bad_alloc &) {
    return Error{Status::memory, Origin::queue, "Out of memory."};
  } catch (const std::exception &exception) {
    return Error{Status::internal, Origin::queue,
                 std::string("An unexpected exception; this is a bug: ") + exception.what()};
  }
}

// An operation without a result: its status says it all.
using Action = std::function<Result<void>(const Limits &)>;

template <class Plan>
spdl_status run_action(Plan &&plan, const spdl_limits *limits, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY_ASSIGN(const Limits read, read_limits(limits));
    SPDL_TRY_ASSIGN(const Action action, plan());
    return action(read);
  });
}

template <class Plan>
spdl_status submit_action(spdl_queue *queue, uint64_t tag, Plan &&plan, const spdl_limits *limits,
                          spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(queue));
    const auto to = queue->value;  // the handle may be freed meanwhile
    SPDL_TRY_ASSIGN(Limits read, read_limits(limits));
    SPDL_TRY_ASSIGN(Action action, plan());
    return to->submit(
        tag, std::move(read),
        [action = std::move(action)](const std::shared_ptr<queue::Job> &job) mutable {
          auto outcome = catch_all([&]() -> Result<queue::Product> {
            SPDL_TRY(action(job->limits()));
            return queue::Product();
          });
          action = nullptr;  // what it borrowed comes back before the completion
          job->finish(std::move(outcome));
        },
        nullptr);
  });
}

// `source` is what the operation reads, if it is an operation on a source.
template <class Handle, class Plan>
spdl_status run(Plan &&plan, const spdl_limits *limits, Handle **out, spdl_error *err,
                const spdl_source *source = nullptr) noexcept {
  return guard(err, [&]() -> Result<void> {
    const Ending ending(release(source));
    SPDL_TRY(require(out));
    SPDL_TRY_ASSIGN(const Limits read, read_limits(limits));
    SPDL_TRY_ASSIGN(const Call<Handle> call, plan());
    return hand_over<Handle>(call(read), out);
  });
}

template <class Handle, class Plan>
spdl_status submit(spdl_queue *queue, uint64_t tag, Plan &&plan, const spdl_limits *limits,
                   spdl_error *err, const spdl_source *source = nullptr) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(queue));
    const auto to = queue->value;  // the handle may be freed meanwhile
    SPDL_TRY_ASSIGN(Limits read, read_limits(limits));
    SPDL_TRY_ASSIGN(Call<Handle> call, plan());
    return to->submit(
        tag, std::move(read),
        [call = std::move(call)](const std::shared_ptr<queue::Job> &job) mutable {
          auto outcome = catch_all([&] { return to_product<Handle>(call(job->limits())); });
          call = nullptr;  // what it borrowed comes back before the completion
          job->finish(std::move(outcome));
        },
        release(source));
  });
}

}  // namespace spdl::abi
