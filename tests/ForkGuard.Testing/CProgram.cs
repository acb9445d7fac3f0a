using System.ComponentModel;
using System.Security.Cryptography;
using CliWrap;
using CliWrap.Buffered;

namespace ForkGuard.Testing;

/// <summary>Compiles a small C program once for each content of its sources, however many test processes ask at once.</summary>
public static class CProgram
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Compiles all of <c>tests/FOLDER</c> into the program <paramref name="name"/>, and returns its path.</summary>
    public static Task<string> BuildAsync(string folder, string name) =>
        // Static, to run without a C library in an initramfs too; not every distribution installs a static one.
        BuildAsync(folder, name, ["-static"], []);

    /// <summary>The same, linked to the C library that the program finds where it runs.</summary>
    public static Task<string> BuildDynamicAsync(string folder, string name) =>
        BuildAsync(
            folder,
            name,
            [
                [],
            ]
        );

    /// <summary>Compiles all of <c>tests/FOLDER</c> into the shared library <paramref name="name"/>, and returns its path.</summary>
    public static Task<string> BuildLibraryAsync(string folder, string name) =>
        BuildAsync(folder, name, ["-shared", "-fPIC"]);

    /// <param name="folder">Below <c>tests</c>.</param>
    /// <param name="name">Of the file.</param>
    /// <param name="attempts">Options of the compiler; later ones are used if it fails.</param>
    private static async Task<string> BuildAsync(string folder, string name, params string[][] attempts)
    {
        string[] sources = [.. Sources(folder, "*.c")];
        string output = Path.Combine(RepositoryPaths.Artifacts, name, Hash([.. sources, .. Sources(folder, "*.h")]));
        string program = Path.Combine(output, name);
        Directory.CreateDirectory(output);
        using FileStream held = await LockAsync(Path.Combine(output, "lock"));
        if (File.Exists(program))
        {
            return program;
        }

        string unfinished = program + ".unfinished";
        foreach (string[] options in attempts)
        {
            BufferedCommandResult compiled = await CompileAsync([.. options, "-o", unfinished, .. sources]);
            if (compiled.ExitCode == 0)
            {
                break;
            }

            if (options == attempts[^1])
            {
                throw new InvalidOperationException($"tests/{folder} does not compile:\n{compiled.StandardError}");
            }
        }

        File.Move(unfinished, program);
        return program;
    }

    private static IEnumerable<string> Sources(string folder, string pattern) =>
        Directory
            .EnumerateFiles(Path.Combine(RepositoryPaths.Root, "tests", folder), pattern)
            .Order(StringComparer.Ordinal);

    private static string Hash(IEnumerable<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in files)
        {
            hash.AppendData(File.ReadAllBytes(file));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private static async Task<BufferedCommandResult> CompileAsync(IEnumerable<string> arguments)
    {
        using CancellationTokenSource limit = new(Limit);
        try
        {
            return await Cli.Wrap("cc")
                .WithArguments(["-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread", .. arguments])
                .WithValidation(CommandResultValidation.None)
                .ExecuteBufferedAsync(limit.Token);
        }
        catch (Win32Exception missing)
        {
            throw new InvalidOperationException(
                "There is no C compiler (cc) to build the tests' programs. Install the packages gcc and libc6-dev, for example with eng/install-prerequisites.",
                missing
            );
        }
    }

    private static async Task<FileStream> LockAsync(string path)
    {
        using CancellationTokenSource limit = new(Limit);
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (!limit.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), CancellationToken.None);
            }
        }
    }
}
