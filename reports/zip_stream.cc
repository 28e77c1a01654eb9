#include "reports/zip_stream.h"

#include <archive.h>
#include <archive_entry.h>

#include <optional>

#include "harness/base/utf8.h"

namespace axiometer {

struct ZipStream::Impl {
  archive* writer = archive_write_new();
  Sink sink;
  int64_t made_ms = 0;
  std::optional<Error> refused;  // what the sink said; from then on nothing is written any more

  // Never fails as libarchive sees it: in the middle of an entry it would leave its compressor behind.
  static la_ssize_t Write(archive*, void* self, const void* bytes, size_t size) {
    auto* impl = static_cast<Impl*>(self);
    if (!impl->refused) {
      const Result<void> written = impl->sink({static_cast<const char*>(bytes), size});
      if (!written) impl->refused = written.error();
    }
    return static_cast<la_ssize_t>(size);
  }

  Result<void> Checked(la_ssize_t status) {
    if (refused) return *refused;
    if (status >= ARCHIVE_OK) return {};
    const char* why = archive_error_string(writer);
    return Failed("archive", why != nullptr ? why : "cannot be written");
  }
};

ZipStream::ZipStream(Sink sink, int64_t made_ms) : impl_(std::make_unique<Impl>()) {
  impl_->sink = std::move(sink);
  impl_->made_ms = made_ms;
  archive_write_set_format_zip(impl_->writer);
  // The names' encoding whatever the locale is.
  archive_write_set_options(impl_->writer, "zip:compression=deflate,zip:hdrcharset=UTF-8");
  // Without the zeros that would fill the last block: readers look for the directory at the end.
  archive_write_set_bytes_in_last_block(impl_->writer, 1);
  archive_write_open(impl_->writer, impl_.get(), nullptr, Impl::Write, nullptr);
}

ZipStream::~ZipStream() {
  if (!impl_->refused) impl_->refused = Failed("archive", "is over");  // what is unfinished stays so
  archive_write_free(impl_->writer);
}

Result<void> ZipStream::Add(std::string_view name, std::string_view content) {
  const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(), archive_entry_free);
  archive_entry_set_pathname_utf8(entry.get(), ReplaceInvalidUtf8(name).c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  archive_entry_set_mtime(entry.get(), impl_->made_ms / 1000, 0);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
  Result<void> done = impl_->Checked(archive_write_header(impl_->writer, entry.get()));
  if (done) done = impl_->Checked(archive_write_data(impl_->writer, content.data(), content.size()));
  if (done) done = impl_->Checked(archive_write_finish_entry(impl_->writer));
  return done;
}

Result<void> ZipStream::Finish() { return impl_->Checked(archive_write_close(impl_->writer)); }

}  // namespace axiometer
