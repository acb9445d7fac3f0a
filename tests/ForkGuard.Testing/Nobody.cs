namespace ForkGuard.Testing;

/// <summary>How a program is started as the user nobody, without any capability.</summary>
public sealed class Nobody : IDisposable
{
    private static readonly string[] Prefix =
    [
        "--reuid",
        "65534",
        "--regid",
        "65534",
        "--clear-groups",
        "--inh-caps=-all",
        "--bounding-set=-all",
        "--",
    ];

    private readonly string? _folder;

    private Nobody(string program, IReadOnlyList<string> leading, string? folder)
    {
        Program = program;
        Leading = leading;
        _folder = folder;
    }

    public string Program { get; }

    /// <summary>The arguments that come before the program's own.</summary>
    public IReadOnlyList<string> Leading { get; }

    /// <summary>The program as it is: also what "as nobody" means for tests that are not run by root.</summary>
    public static Nobody NotNeeded(string program) => new(program, [], folder: null);

    /// <summary>Copies the program, since nobody may have no way into the folder of a checkout.</summary>
    public static Nobody ToRun(string program)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            return NotNeeded(program);
        }

        const UnixFileMode readable =
            UnixFileMode.UserRead
            | UnixFileMode.UserWrite
            | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead
            | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead
            | UnixFileMode.OtherExecute;

        string folder = Directory.CreateTempSubdirectory("forkguard-nobody-").FullName;
        File.SetUnixFileMode(folder, readable);
        string copy = Path.Combine(folder, Path.GetFileName(program));
        // Not by File.Copy: a program that another test starts at that moment inherits the descriptor until its exec, and the
        // copy cannot be executed while somebody may write to it (ETXTBSY).
        using (var install = System.Diagnostics.Process.Start("install", ["-m", "755", program, copy]))
        {
            install.WaitForExit();
        }

        return new("setpriv", [.. Prefix, copy], folder);
    }

    public void Dispose()
    {
        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
