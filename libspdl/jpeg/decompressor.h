// SPDX-License-Identifier: BSD-2-Clause
// libjpeg's decompressor as an object, and the only place where its errors jump.
#pragma once

#include <csetjmp>
#include <cstdio>  // jpeglib.h needs it
#include <span>
#include <type_traits>

#include <jpeglib.h>

#include "base/limits.h"

namespace spdl::jpeg {

// One for each picture: a used one would lend its tables to a picture that has none.
class Decompressor {
 public:
  enum class Outcome {
    done,
    refused,      // an error or a warning of libjpeg
    interrupted,  // by the limits
    no_memory,
  };

  // Data and limits outlive it.
  Decompressor(std::span<const uint8_t> data, const Limits &limits);
  ~Decompressor() { jpeg_destroy_decompress(&info_); }
  Decompressor(const Decompressor &) = delete;
  Decompressor &operator=(const Decompressor &) = delete;

  jpeg_decompress_struct &info() { return info_; }

  // Call f(info()), which may call libjpeg and leave(). Nothing that has a destructor may live in
  // it then: it is left by longjmp(). Inside another run() there is no way back to it.
  template <class F>
  Outcome run(F f) {
    static_assert(std::is_trivially_destructible_v<F>);
    outcome_ = Outcome::done;
    if (setjmp(back_) == 0) f(info_);
    return outcome_;
  }
  [[noreturn]] static void leave(j_common_ptr info, Outcome outcome) noexcept;

  // Creates it and takes the data; then libjpeg's header functions can run.
  Outcome open();

 private:
  static void on_error(j_common_ptr info) noexcept;
  static void on_message(j_common_ptr info, int level) noexcept;
  static void on_progress(j_common_ptr info) noexcept;
  static void print_nothing(j_common_ptr) noexcept {}

  const std::span<const uint8_t> data_;
  const Limits &limits_;
  jpeg_decompress_struct info_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  Outcome outcome_ = Outcome::done;
  jmp_buf back_;
};

}  // namespace spdl::jpeg
