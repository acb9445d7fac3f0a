using ForkGuard.Testing;
using ForkGuard.Testing.Documentation;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>Runs a command of the pages word by word, with what the tests' images and their old server need put behind it.</summary>
internal static class DocumentedShell
{
    /// <summary>As in <see cref="Installation"/>; what comes last counts.</summary>
    private const string Stand = $$"""
        set -euo pipefail
        cd "$1"
        helm() {
          case $1 in
            install) command helm "$@" --wait --timeout=3m --disable-openapi-validation --server-side=false \
              --set image.registry={{Images.Registry}},image.tag={{Images.Tag}},image.pullPolicy=Never ;;
            *) command helm "$@" ;;
          esac
        }
        kubectl() {
          case $1 in
            apply) command kubectl "$@" --validate=false ;;
            *) command kubectl "$@" ;;
          esac
        }

        """;

    /// <returns>What it said on standard output.</returns>
    /// <exception cref="InvalidOperationException">It failed; with its words.</exception>
    public static Task<string> RunAsync(DocumentedCommand command, CancellationToken cancellationToken) =>
        Shell.SucceedAsync(
            ["bash", "-c", Stand + command.Text, "bash", RepositoryPaths.Root],
            cancellationToken: cancellationToken
        );
}
