// SPDX-License-Identifier: BSD-2-Clause
// A value or the error that stands in its place. Exceptions are for bugs and exhausted memory.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include "base/error.h"

namespace spdl {

template <class T>
class [[nodiscard]] Result {
 public:
  template <class U = T>
    requires std::is_convertible_v<U, T>
  Result(U &&value) : state_(std::in_place_index<0>, std::forward<U>(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  T &operator*() & { return std::get<0>(state_); }
  const T &operator*() const & { return std::get<0>(state_); }
  T &&operator*() && { return std::get<0>(std::move(state_)); }
  T *operator->() { return &std::get<0>(state_); }
  const T *operator->() const { return &std::get<0>(state_); }
  const Error &error() const & { return std::get<1>(state_); }
  Error &&error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return error_.index() == 0; }
  const Error &error() const & { return std::get<1>(error_); }
  Error &&error() && { return std::get<1>(std::move(error_)); }

 private:
  std::variant<std::monostate, Error> error_;
};

}  // namespace spdl

#define SPDL_JOIN2(a, b) a##b
#define SPDL_JOIN(a, b) SPDL_JOIN2(a, b)

// SPDL_TRY(f()): leave with f's error, if it has one.
#define SPDL_TRY(expression)                                        \
  do {                                                              \
    if (auto spdl_result = (expression); !spdl_result) [[unlikely]] \
      return std::move(spdl_result).error();                        \
  } while (false)

// SPDL_TRY_ASSIGN(auto x, f()): x is f's value, or leave with its error.
#define SPDL_TRY_ASSIGN(target, expression) \
  SPDL_TRY_ASSIGN_AS(SPDL_JOIN(spdl_result_, __LINE__), target, expression)
#define SPDL_TRY_ASSIGN_AS(result, target, expression) \
  auto result = (expression);                          \
  if (!result) [[unlikely]]                            \
    return std::move(result).error();                  \
  target = *std::move(result)
