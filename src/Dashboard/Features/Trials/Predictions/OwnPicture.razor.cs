using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Predictions;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Trials.Predictions;

/// <summary>Takes a picture, asks about it, and keeps nothing.</summary>
public sealed partial class OwnPicture(IMlTrClient client)
{
    private const int Most = 6;

    private OwnPrediction? _said;
    private string? _failure;
    private string _name = "";
    private bool _busy;

    [Parameter, EditorRequired] public TrialId Id { get; set; }

    [Parameter, EditorRequired] public ImmutableArray<string> Classes { get; set; }

    private string Summary
    {
        get
        {
            var found = Format.Count(_said!.Verdicts.Count(one => one.Found), "class", "classes");
            return _said.Expected is { } expected ? $"{found} found; {expected} expected by the count head." : $"{found} found.";
        }
    }

    private async Task PredictAsync(InputFileChangeEventArgs change)
    {
        (_busy, _failure, _said, _name) = (true, null, null, change.File.Name);
        try
        {
            if (change.File.Size > OwnPrediction.MaxBytes)
            {
                _failure = $"The picture has {Format.Bytes(change.File.Size)}; at most {Format.Bytes(OwnPrediction.MaxBytes)} are accepted. Make it smaller.";
                return;
            }

            using var bytes = new MemoryStream();
            await using var stream = change.File.OpenReadStream(OwnPrediction.MaxBytes);
            await stream.CopyToAsync(bytes);
            _said = await client.PredictPictureAsync(Id, [.. bytes.GetBuffer().AsSpan(0, (int)bytes.Length)]);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            _failure = failure.Message;
        }
        finally
        {
            _busy = false;
        }
    }
}
