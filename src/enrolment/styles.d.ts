/** A style sheet as text: the build resolves it and puts it into the script. */
declare module "*.css?inline" {
  const text: string;
  export default text;
}
