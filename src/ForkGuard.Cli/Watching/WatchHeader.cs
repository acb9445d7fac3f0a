using System.Net;
using ForkGuard.Kernel.Accounting;

namespace ForkGuard.Cli.Watching;

/// <summary>Facts that a watch writes once, at its start.</summary>
/// <param name="State">The machine as it is then.</param>
/// <param name="Release">Release of the kernel.</param>
/// <param name="Listening">Address of the HTTP server; null without one.</param>
internal readonly record struct WatchHeader(KernelState State, string Release, IPEndPoint? Listening = null);
