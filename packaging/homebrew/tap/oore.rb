# Homebrew formula of Oore CI, from the signed and notarised archives of a release. It lives in a tap of its own;
# `packaging/release/formula` writes version, addresses and sums when a release is published.
# Must not build anything: what is installed is what was signed.
class Oore < Formula
  desc "Self-hosted mobile CI, built for Flutter"
  homepage "https://oore.build"
  version "0.0.0"
  license "MIT"

  on_macos do
    url "https://github.com/oore-ci/oore.build/releases/download/v0.0.0/oored-0.0.0-macos-universal.tar.gz"
    sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  end

  on_linux do
    on_arm do
      url "https://github.com/oore-ci/oore.build/releases/download/v0.0.0/oored-0.0.0-linux-aarch64.tar.gz"
      sha256 "0000000000000000000000000000000000000000000000000000000000000000"
    end
    on_intel do
      url "https://github.com/oore-ci/oore.build/releases/download/v0.0.0/oored-0.0.0-linux-x86_64.tar.gz"
      sha256 "0000000000000000000000000000000000000000000000000000000000000000"
    end
  end

  def install
    bin.install "oored"
    bin.install_symlink "oored" => "oore"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/oore.bash" => "oore"
    zsh_completion.install "completions/_oore"
    fish_completion.install "completions/oore.fish"
    pkgshare.install "oored.example.env"
    install_services
  end

  # Homebrew's own service files would end builds with the daemon: these leave them alone.
  def install_services
    prefix.install "launchd/agent/build.oore.oored.plist", "systemd/user/oored.service"
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
    assert_match version.to_s, shell_output("#{bin}/oored version")
    assert_predicate bin/"oore", :symlink?
  end
end
