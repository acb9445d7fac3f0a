namespace ForkGuard.Testing;

/// <summary>The compiled tests/victim.</summary>
public static class VictimBuild
{
    private static readonly Lazy<Task<string>> Once = new(() => CProgram.BuildAsync("victim", "victim"));

    /// <summary>The path of the compiled victim.</summary>
    public static Task<string> GetAsync() => Once.Value;
}
