# Homebrew formula of Oore CI, from source: builds oored with the web UI in it, links it as `oore`, and brings the service.
# Must not install anything besides: the UI is in the binary, the state in the user's own data folder.
class Oore < Formula
  desc "Self-hosted mobile CI, built for Flutter"
  homepage "https://oore.build"
  license "MIT"
  # No release is published yet, so the source is named by whoever installs it.
  head ENV.fetch("HOMEBREW_OORE_SOURCE", "https://github.com/oore-ci/oore.build.git"), using: :git, branch: "main"

  depends_on "node" => :build
  depends_on "rust" => :build

  def install
    # The Makefile fetches the pinned bun, builds with the shipping profile, makes the `oore` link, the completions
    # and the pages of the manual.
    system "make", "install", "PREFIX=#{prefix}"
    pkgshare.install "packaging/oored.example.env"
    install_services
  end

  # Homebrew's own service files would end builds with the daemon: these leave them alone.
  def install_services
    prefix.install "packaging/launchd/agent/build.oore.oored.plist", "packaging/systemd/user/oored.service"
    inreplace prefix/"build.oore.oored.plist" do |plist|
      plist.gsub! "/usr/local/bin/oored", opt_bin/"oored"
      plist.gsub! "/usr/local/var/log", var/"log"
    end
    inreplace prefix/"oored.service", "/usr/local/bin/oored", opt_bin/"oored"
  end

  service do
    name macos: "build.oore.oored", linux: "oored"
  end

  test do
    assert_match "oored", shell_output("#{bin}/oored version")
    assert_predicate bin/"oore", :symlink?
    assert_match "oore", shell_output("#{bin}/oore completions bash")
  end
end
