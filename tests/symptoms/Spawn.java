/** Starts a child, or a thread, once it has read a line. */
public class Spawn {
    public static void main(String[] arguments) throws Exception {
        Runnable start = arguments[0].equals("thread") ? Spawn::startThread : Spawn::startChild;
        System.out.println("ready");
        System.in.read();
        try {
            start.run();
            System.out.println("started");
        } catch (Throwable failure) {
            failure.printStackTrace();
        }
        System.in.read();
    }

    private static void startChild() {
        try {
            new ProcessBuilder("/usr/bin/true").start().waitFor();
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }

    private static void startThread() {
        Thread thread = new Thread(() -> { });
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
