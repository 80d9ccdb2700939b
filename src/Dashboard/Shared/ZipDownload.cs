using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using MlTr.Abstractions.Models;
using MlTr.Abstractions.Trials;

namespace MlTr.Dashboard.Shared;

/// <summary>Archives that are streamed as they are read.</summary>
internal static class ZipDownload
{
    public static async Task<IResult> SendAsync(IAsyncEnumerable<ImmutableArray<byte>> archive, string name, HttpContext context)
    {
        var pieces = archive.GetAsyncEnumerator(context.RequestAborted);
        try
        {
            await pieces.MoveNextAsync(); // whatever is wrong with it is said before the first byte
        }
        catch (Exception error) when (error is KeyNotFoundException or ModelRegistryException or CheckpointException)
        {
            await pieces.DisposeAsync();
            return Results.Text(error.Message, statusCode: StatusCodes.Status404NotFound);
        }
        catch
        {
            await pieces.DisposeAsync();
            throw;
        }

        context.Response.Headers.XContentTypeOptions = "nosniff";
        return Results.Stream(body => WriteAsync(pieces, body, context.RequestAborted), "application/zip", name);
    }

    private static async Task WriteAsync(IAsyncEnumerator<ImmutableArray<byte>> pieces, Stream body, CancellationToken cancellationToken)
    {
        await using (pieces)
        {
            do
            {
                await body.WriteAsync(pieces.Current.AsMemory(), cancellationToken);
            }
            while (await pieces.MoveNextAsync());
        }
    }
}
