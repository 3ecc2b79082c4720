// SPDX-License-Identifier: BSD-2-Clause
#include "jpeg/decompressor.h"

#include <jerror.h>

namespace spdl::jpeg {

Decompressor::Decompressor(std::span<const uint8_t> data, const Limits &limits)
    : data_(data), limits_(limits) {
  info_.err = jpeg_std_error(&errors_);
  errors_.error_exit = on_error;
  errors_.emit_message = on_message;
  errors_.output_message = print_nothing;
  progress_.progress_monitor = on_progress;
}

Decompressor::Outcome Decompressor::open() {
  return run([this](jpeg_decompress_struct &info) {
    info.client_data = this;  // creation keeps it, and may fail
    jpeg_create_decompress(&info);
    info.progress = &progress_;
    jpeg_mem_src(&info, data_.data(), static_cast<unsigned long>(data_.size()));
  });
}

void Decompressor::leave(j_common_ptr info, Outcome outcome) noexcept {
  auto *self = static_cast<Decompressor *>(info->client_data);
  self->outcome_ = outcome;
  std::longjmp(self->back_, 1);
}

void Decompressor::on_error(j_common_ptr info) noexcept {
  leave(info, info->err->msg_code == JERR_OUT_OF_MEMORY ? Outcome::no_memory : Outcome::refused);
}

// Warnings have level -1: damage that libjpeg goes on after, with a guess. All others are traces.
void Decompressor::on_message(j_common_ptr info, int level) noexcept {
  if (level < 0) leave(info, Outcome::refused);
}

// Called for each row of MCUs that is read, in each scan, and for each that is put out.
void Decompressor::on_progress(j_common_ptr info) noexcept {
  if (static_cast<Decompressor *>(info->client_data)->limits_.is_interrupted())
    leave(info, Outcome::interrupted);
}

}  // namespace spdl::jpeg
