using System.Diagnostics;

namespace MlTr.Silo.Workers;

/// <summary>
/// One running worker process. The parent holds its standard input: a line asks it to stop, and the end of input, which also comes when
/// the parent dies, makes it stop by itself.
/// </summary>
internal sealed class WorkerProcess : IDisposable
{
    private readonly Process _process;
    private readonly long _started = Stopwatch.GetTimestamp();
    private volatile string? _lastError;

    public WorkerProcess(Process process, WorkerLogFeed log, TextWriter shown)
    {
        _process = process;
        var (output, errors) = (log.ReaderFor(process.Id, "info"), log.ReaderFor(process.Id, "error"));
        process.OutputDataReceived += (_, line) => Show(shown, output, line.Data);
        process.ErrorDataReceived += (_, line) =>
        {
            _lastError = string.IsNullOrWhiteSpace(line.Data) ? _lastError : line.Data;
            Show(Console.Error, errors, line.Data);
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public TimeSpan Lifetime => Stopwatch.GetElapsedTime(_started);

    /// <summary>The last line that the worker wrote to its standard error.</summary>
    public string? LastError => _lastError;

    /// <summary>Waits for the process and for the rest of its output.</summary>
    /// <returns>The exit code; above 128 for a signal.</returns>
    public async Task<int> WaitForExitAsync(CancellationToken cancellationToken = default)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Asks for a stop with a checkpoint, and ends the process if that takes too long.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(ParentWatch.StopLine);
            await _process.StandardInput.FlushAsync();
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // it has gone already
        }

        try
        {
            await _process.WaitForExitAsync().WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            Kill();
        }
    }

    public void Kill() => _process.Kill(entireProcessTree: true);

    public void Dispose() => _process.Dispose();

    private static void Show(TextWriter writer, WorkerLogReader log, string? line)
    {
        if (line is not null)
        {
            log.Read(line);
            writer.WriteLine(line);
        }
    }
}
