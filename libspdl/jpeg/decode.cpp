// SPDX-License-Identifier: BSD-2-Clause
#include "jpeg/decode.h"

#include <new>
#include <type_traits>

#include "base/trace.h"
#include "jpeg/decompressor.h"
#include "jpeg/header.h"

namespace spdl::jpeg {
namespace {

using Data = std::span<const uint8_t>;
using Outcome = Decompressor::Outcome;

// libjpeg's names depend on the version of the API that libjpeg-turbo was built to emulate. It
// scales both directions alike in all of them.
#if JPEG_LIB_VERSION >= 70
int scaled_size(const jpeg_component_info &component) { return component.DCT_h_scaled_size; }
int scaled_size(const jpeg_decompress_struct &info) { return info.min_DCT_h_scaled_size; }
#else
int scaled_size(const jpeg_component_info &component) { return component.DCT_scaled_size; }
int scaled_size(const jpeg_decompress_struct &info) { return info.min_DCT_scaled_size; }
#endif

// How many rows of a component one call of jpeg_read_raw_data() writes: an iMCU row of them.
int rows_at_once(const jpeg_component_info &component) {
  return component.v_samp_factor * scaled_size(component);
}

// Whether libjpeg read the same header as we did.
bool agrees(const jpeg_decompress_struct &info, const Header &header) {
  const jpeg_component_info &luma = info.comp_info[0];
  const jpeg_component_info &chroma = info.comp_info[info.num_components - 1];
  return static_cast<int>(info.image_width) == header.width &&
         static_cast<int>(info.image_height) == header.height &&
         info.num_components == header.num_components && info.data_precision == 8 &&
         info.jpeg_color_space == (info.num_components == 1 ? JCS_GRAYSCALE : JCS_YCbCr) &&
         luma.h_samp_factor == chroma.h_samp_factor * header.chroma_ratio_x &&
         luma.v_samp_factor == chroma.v_samp_factor * header.chroma_ratio_y;
}

int64_t num_blocks(const jpeg_decompress_struct &info) {
  int64_t blocks = 0;
  for (int i = 0; i < info.num_components; ++i)
    blocks += int64_t{info.comp_info[i].width_in_blocks} * info.comp_info[i].height_in_blocks;
  return blocks;
}

// Less data than blocks have, at one bit for each: before memory is taken for them.
bool is_too_short(const jpeg_decompress_struct &info, Data data) {
  return !info.arith_code && num_blocks(info) / 8 > static_cast<int64_t>(data.size());
}

void set_scale(jpeg_decompress_struct &info, int denominator) {
  info.scale_num = 1;
  info.scale_denom = static_cast<unsigned>(denominator);
  info.out_color_space = info.jpeg_color_space;
  info.raw_data_out = TRUE;
  info.dct_method = JDCT_ISLOW;
  jpeg_calc_output_dimensions(&info);
}

// Whole MCUs, as libjpeg writes them.
struct Extent {
  ptrdiff_t stride;
  size_t size;
};

Extent extent_of(const jpeg_decompress_struct &info, const jpeg_component_info &component) {
  const size_t unit = static_cast<size_t>(component.h_samp_factor);
  const size_t blocks = (component.width_in_blocks + unit - 1) / unit * unit;
  const size_t columns = blocks * static_cast<size_t>(scaled_size(component));
  const size_t stride = (columns + alignment - 1) / alignment * alignment;
  const size_t rows = size_t{info.total_iMCU_rows} * static_cast<size_t>(rows_at_once(component));
  return {static_cast<ptrdiff_t>(stride), stride * rows};
}

Image make_image(const jpeg_decompress_struct &info) {
  Image image;
  image.width = static_cast<int>(info.output_width);
  image.height = static_cast<int>(info.output_height);
  image.num_planes = info.num_components;
  size_t size = alignment;  // to read beyond the last
  for (int i = 0; i < info.num_components; ++i) size += extent_of(info, info.comp_info[i]).size;
  image.memory.reset(new (std::align_val_t{alignment}) uint8_t[size]);
  const uint8_t *data = image.memory.get();
  for (int i = 0; i < info.num_components; ++i) {
    const jpeg_component_info &component = info.comp_info[i];
    const Extent extent = extent_of(info, component);
    image.planes[static_cast<size_t>(i)] = {data, extent.stride,
                                            static_cast<int>(component.downsampled_width),
                                            static_cast<int>(component.downsampled_height)};
    data += extent.size;
  }
  return image;
}

// Whether all coefficients came, each with all of its bits. For what did not come, libjpeg puts in
// smooth guesses or gray without a word.
bool is_whole(const jpeg_decompress_struct &info) {
  for (int i = 0; i < info.num_components; ++i) {
    if (!info.comp_info[i].quant_table) return false;
    if (!info.progressive_mode) continue;
    for (const int missing_bits : info.coef_bits[i])
      if (missing_bits != 0) return false;
  }
  return true;
}

// Runs inside Decompressor::run(): nothing here has a destructor.
class RowReader {
 public:
  RowReader(jpeg_decompress_struct &info, uint8_t *memory) : info_(info) {
    for (int i = 0; i < info.num_components; ++i) {
      const Extent extent = extent_of(info, info.comp_info[i]);
      next_[i] = memory;
      stride_[i] = extent.stride;
      rows_of_[i] = rows_[i];
      memory += extent.size;
    }
  }

  void read_all() {
    const auto lines = static_cast<JDIMENSION>(info_.max_v_samp_factor * scaled_size(info_));
    while (info_.output_scanline < info_.output_height) {
      point_to_next();
      if (jpeg_read_raw_data(&info_, rows_of_, lines) ==
          0)  // more data is waited for: there is none
        Decompressor::leave(reinterpret_cast<j_common_ptr>(&info_), Outcome::refused);
    }
  }

 private:
  void point_to_next() {
    for (int i = 0; i < info_.num_components; ++i)
      for (int row = 0; row < rows_at_once(info_.comp_info[i]); ++row, next_[i] += stride_[i])
        rows_[i][row] = next_[i];
  }

  static constexpr int max_rows = MAX_SAMP_FACTOR * DCTSIZE;

  jpeg_decompress_struct &info_;
  uint8_t *next_[3];
  ptrdiff_t stride_[3];
  JSAMPROW rows_[3][max_rows];
  JSAMPARRAY rows_of_[3];
};

static_assert(std::is_trivially_destructible_v<RowReader>);

Outcome read_start(Decompressor &decompressor) {
  if (const Outcome outcome = decompressor.open(); outcome != Outcome::done) return outcome;
  return decompressor.run([](jpeg_decompress_struct &info) { jpeg_read_header(&info, TRUE); });
}

// A file of several scans is read in jpeg_start_decompress(), any other row by row. The rest, up to
// the marker of its end, is read at last.
Outcome read_rest(Decompressor &decompressor, uint8_t *memory) {
  return decompressor.run([memory](jpeg_decompress_struct &info) {
    jpeg_start_decompress(&info);
    if (!is_whole(info))
      Decompressor::leave(reinterpret_cast<j_common_ptr>(&info), Outcome::refused);
    RowReader(info, memory).read_all();
    jpeg_finish_decompress(&info);
  });
}

// What is left to say where decoding did not get through.
Result<std::optional<Image>> give_up(Outcome outcome, const Limits &limits,
                                     const std::string &source) {
  if (outcome == Outcome::no_memory) throw std::bad_alloc();
  if (outcome == Outcome::interrupted) SPDL_TRY(limits.check(Origin::decode, source));
  return std::nullopt;
}

}  // namespace

Result<std::optional<Image>> decode(Data data, int denominator, const Limits &limits,
                                    const std::string &source) {
  const trace::Stage stage("decode", source);
  const auto header = read_header(data);
  if (!header) return std::nullopt;
  SPDL_TRY(limits.check(Origin::decode, source));
  SPDL_TRY(limits.check_pixels(Origin::decode, header->width, header->height, source));

  Decompressor decompressor(data, limits);
  jpeg_decompress_struct &info = decompressor.info();
  Outcome outcome = read_start(decompressor);
  if (outcome != Outcome::done) return give_up(outcome, limits, source);
  if (!agrees(info, *header) || is_too_short(info, data)) return std::nullopt;
  outcome = decompressor.run(
      [denominator](jpeg_decompress_struct &start) { set_scale(start, denominator); });
  if (outcome != Outcome::done) return give_up(outcome, limits, source);

  Image image = make_image(info);
  outcome = read_rest(decompressor, image.memory.get());
  if (outcome != Outcome::done) return give_up(outcome, limits, source);
  return image;
}

}  // namespace spdl::jpeg
