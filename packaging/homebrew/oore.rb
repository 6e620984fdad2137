# Homebrew formula of Oore CI: builds oored with the web UI in it, links it as `oore`, and runs it as a service.
# Must not install anything besides: the UI is in the binary, the state in the user's own data folder.
class Oore < Formula
  desc "Self-hosted mobile CI, built for Flutter"
  homepage "https://oore.build"
  license "MIT"
  # No release is published yet, so the source is named by whoever installs it.
  head ENV.fetch("HOMEBREW_OORE_SOURCE", "https://example.invalid/oore.git"), using: :git, branch: "main"

  depends_on "node" => :build
  depends_on "rust" => :build

  def install
    # The Makefile fetches the pinned bun, builds with the shipping profile and makes the `oore` link.
    system "make", "install", "PREFIX=#{prefix}"
    pkgshare.install "packaging/oored.example.env"
  end

  service do
    run [opt_bin/"oored", "run"]
    keep_alive crashed: true
    process_type :interactive
    environment_variables PATH: std_service_path_env
    log_path var/"log/oored.log"
    error_log_path var/"log/oored.log"
  end

  test do
    assert_match "oored", shell_output("#{bin}/oored version")
    assert_predicate bin/"oore", :symlink?
  end
end
