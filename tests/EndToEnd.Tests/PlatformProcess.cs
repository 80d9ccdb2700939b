using System.Diagnostics;
using System.Text.RegularExpressions;

namespace MlTr.EndToEnd.Tests;

/// <summary>The built program as a real process, with a data folder of its own.</summary>
internal sealed partial class PlatformProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

#if DEBUG
    private const string Build = "Debug";
#else
    private const string Build = "Release";
#endif

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly List<string> _answer = [];
    private readonly List<(Func<string, bool> Wanted, TaskCompletionSource<string> Found)> _waits = [];

    private PlatformProcess(IEnumerable<string> arguments, params ReadOnlySpan<(string Name, string Value)> environment)
        : this(arguments, null, environment)
    {
    }

    private PlatformProcess(IEnumerable<string> arguments, string? line, params ReadOnlySpan<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = line is not null };
        start.ArgumentList.Add(Path.Combine(Root(), "src", "Silo", "bin", Build, "net10.0", "MlTr.Silo.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(line.Data, isAnswer: true);
        _process.ErrorDataReceived += (_, line) => Take(line.Data, isAnswer: false);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        if (line is not null)
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Close();
        }
    }

    public int Id => _process.Id;

    public string Output
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    /// <summary>The standard output alone.</summary>
    public string Answer
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _answer);
            }
        }
    }

    public static PlatformProcess Start(params IEnumerable<string> arguments) => new(arguments);

    /// <summary>With settings of the environment.</summary>
    public static PlatformProcess StartWith((string Name, string Value)[] environment, params IEnumerable<string> arguments) => new(arguments, environment);

    /// <summary>Runs a verb to its end with a line of standard input, and gives its exit code.</summary>
    public static async Task<int> RunAsync(string line, params IEnumerable<string> arguments)
    {
        await using var process = new PlatformProcess(arguments, line);
        return await process.ExitAsync();
    }

    public async Task<string> AddressAsync() => Address().Match(await LineAsync(line => Address().IsMatch(line))).Value;

    /// <summary>A worker's process, from the line that tells of its start.</summary>
    public async Task<int> WorkerAsync(string name = "") => int.Parse(
        WorkerStarted().Match(await LineAsync(line => line.Contains(name, StringComparison.Ordinal) && WorkerStarted().IsMatch(line))).Groups[1].Value,
        System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The first line, past or to come, that is wanted.</summary>
    public Task<string> LineAsync(Func<string, bool> wanted)
    {
        lock (_lines)
        {
            if (_lines.Find(line => wanted(line)) is { } past)
            {
                return Task.FromResult(past);
            }

            var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waits.Add((wanted, found));
            return WithinPatienceAsync(found.Task);
        }
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>Ctrl-C.</summary>
    public void Interrupt() => Signal("-INT", _process.Id);

    public static void Signal(string signal, int processId)
    {
        using var kill = Process.Start("kill", [signal, processId.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>The repository's folder.</summary>
    public static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "MlTr.Platform.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run from a folder outside the repository.");
        }

        return folder.FullName;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        TestContext.Current.TestOutputHelper?.WriteLine(Output); // shown if the test failed
        _process.Dispose();
    }

    private async Task<string> WithinPatienceAsync(Task<string> found)
    {
        try
        {
            return await found.WaitAsync(Patience);
        }
        catch (TimeoutException error)
        {
            throw new TimeoutException($"The line did not come. What came:\n{Output}", error);
        }
    }

    private void Take(string? line, bool isAnswer)
    {
        if (line is null)
        {
            return;
        }

        lock (_lines)
        {
            _lines.Add(line);
            if (isAnswer)
            {
                _answer.Add(line);
            }

            foreach (var (wanted, found) in _waits)
            {
                if (wanted(line))
                {
                    found.TrySetResult(line);
                }
            }
        }
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Address();

    [GeneratedRegex(@"Worker \S+ started: process (\d+)")]
    private static partial Regex WorkerStarted();
}
